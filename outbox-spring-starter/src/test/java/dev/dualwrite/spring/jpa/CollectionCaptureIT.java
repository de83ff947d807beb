package dev.dualwrite.spring.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.MapKeyColumn;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OrderColumn;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.Session;
import org.hibernate.StatelessSession;
import org.hibernate.engine.spi.SessionImplementor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which collections write rows of others, and what that and the end of a transaction leave. */
class CollectionCaptureIT {

    private static CaptureService service;

    @BeforeAll
    static void start() {
        service = CaptureService.start(
                Library.class, Book.class, Archive.class, Playlist.class, Song.class, Verse.class, Jingle.class);
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @BeforeEach
    void oneOfEach() {
        service.outside().update("TRUNCATE library, book, archive, playlist, song, verse, jingle");
        service.change(s -> {
            var library = new Library();
            library.id = 1L;
            var archive = new Archive();
            archive.id = 1L;
            var playlist = new Playlist();
            playlist.id = 1L;
            for (long i = 1; i <= 3; i++) {
                var book = new Book();
                book.id = i;
                library.books.add(book);
                s.persist(book);
                var song = new Song(i, playlist);
                playlist.songs.add(song);
                s.persist(song);
            }
            var jingle = new Jingle(1, playlist);
            playlist.jingles.put("intro", jingle);
            s.persist(jingle);
            s.persist(library);
            s.persist(archive);
            s.persist(playlist);
            s.persist(new Verse(1, s.getReference(Song.class, 1L)));
        });
    }

    @Test
    void orderThatOnlyTheOtherSideWritesIsCaptured() {
        assertThat(service.captured(s -> Collections.swap(s.find(Playlist.class, 1L).songs, 0, 2)))
                .containsExactly("R playlist:1");
        assertThat(service.outside().queryForList("SELECT id FROM song ORDER BY songs_order", Long.class))
                .containsExactly(3L, 2L, 1L);
    }

    @Test
    void keyOfAMapThatOnlyTheOtherSideWritesIsCaptured() {
        assertThat(service.captured(s -> {
                    Map<String, Jingle> jingles = s.find(Playlist.class, 1L).jingles;
                    jingles.put("outro", jingles.remove("intro"));
                }))
                .containsExactly("R playlist:1");
        assertThat(service.outside().queryForList("SELECT jingles_key FROM jingle", String.class))
                .containsExactly("outro");
    }

    @Test
    void elementWhoseKeyACollectionWritesIsCapturedToo() {
        assertThat(service.captured(s -> s.find(Library.class, 1L).books.removeIf(book -> book.id.equals(2L))))
                .containsExactlyInAnyOrder("R library:1", "R book:2");
        assertThat(service.captured(s -> s.find(Library.class, 1L).books.add(s.getReference(Book.class, 2L))))
                .containsExactlyInAnyOrder("R library:1", "R book:2");
        assertThat(service.captured(s -> s.find(Library.class, 1L).books.clear()))
                .containsExactlyInAnyOrder("R library:1", "R book:1", "R book:2", "R book:3");
    }

    @Test
    void elementsOfACollectionThatIsReplacedOrRemovedAreCaptured() {
        assertThat(service.captured(s -> s.find(Library.class, 1L).books = new HashSet<>()))
                .containsExactlyInAnyOrder("R library:1", "R book:1", "R book:2", "R book:3");
        service.change(s -> s.find(Library.class, 1L).books = new HashSet<>(Set.of(s.find(Book.class, 1L))));

        assertThat(service.captured(s -> s.remove(s.find(Library.class, 1L))))
                .containsExactlyInAnyOrder("R library:1", "R book:1");
    }

    @Test
    void ownerNeedNotBeCapturedItself() {
        assertThat(service.captured(s -> s.find(Archive.class, 1L).books.add(s.find(Book.class, 3L))))
                .containsExactly("R book:3");
    }

    @Test
    void statelessSessionThatWouldWriteRowsOfCapturedElementsIsRefused() {
        assertThatThrownBy(() -> service.change(s -> {
                    try (StatelessSession stateless = s.unwrap(Session.class)
                            .statelessWithOptions()
                            .connection()
                            .open()) {
                        var library = new Library();
                        library.id = 1L;
                        stateless.update(library);
                    }
                }))
                .hasMessageContaining("Library.books")
                .hasMessageContaining(". Next: ");
    }

    @Test
    void transactionWithReferencesIsFlushedOnce() {
        var statistics = service.sessions().getStatistics();
        statistics.setStatisticsEnabled(true);
        statistics.clear();

        assertThat(service.captured(s -> s.find(Library.class, 1L).name = "changed"))
                .containsExactly("R library:1");

        assertThat(statistics.getFlushCount()).isEqualTo(1);
        statistics.setStatisticsEnabled(false);
    }

    @Test
    void rootThatIsAskedForInTheLastFlushOfASynchronizationIsCaptured() {
        assertThat(service.captured(s -> {
                    SessionImplementor session = s.unwrap(SessionImplementor.class);
                    session.getTransaction().registerSynchronization(new Synchronization() {
                        @Override
                        public void beforeCompletion() {
                            session.find(Verse.class, 1L).text = "late";
                            session.flush();
                        }

                        @Override
                        public void afterCompletion(int status) {
                            assertThat(status).isEqualTo(Status.STATUS_COMMITTED);
                        }
                    });
                }))
                .containsExactly("R playlist:1");
    }

    @Entity(name = "Library")
    @Captured
    static class Library {
        @Id
        Long id;

        String name;

        @OneToMany
        @JoinColumn(name = "library_id")
        Set<Book> books = new HashSet<>();
    }

    @Entity(name = "Archive")
    static class Archive {
        @Id
        Long id;

        @OneToMany
        @JoinColumn(name = "archive_id")
        List<Book> books = new ArrayList<>();
    }

    /** Shows keys that it does not write. */
    @Entity(name = "Book")
    @Captured
    static class Book {
        @Id
        Long id;

        @Column(name = "library_id", insertable = false, updatable = false)
        Long library;

        @Column(name = "archive_id", insertable = false, updatable = false)
        Long archive;
    }

    @Entity(name = "Playlist")
    @Captured
    static class Playlist {
        @Id
        Long id;

        @OneToMany(mappedBy = "playlist")
        @OrderColumn
        List<Song> songs = new ArrayList<>();

        @OneToMany(mappedBy = "playlist")
        @MapKeyColumn
        Map<String, Jingle> jingles = new HashMap<>();
    }

    @Entity(name = "Song")
    @PartOf("playlist")
    static class Song {
        @Id
        Long id;

        @ManyToOne(fetch = FetchType.LAZY)
        Playlist playlist;

        @OneToMany(mappedBy = "song")
        Set<Verse> verses = new HashSet<>();

        Song() {}

        Song(long id, Playlist playlist) {
            this.id = id;
            this.playlist = playlist;
        }
    }

    @Entity(name = "Verse")
    @PartOf("song.playlist")
    static class Verse {
        @Id
        Long id;

        String text;

        @ManyToOne(fetch = FetchType.LAZY)
        Song song;

        Verse() {}

        Verse(long id, Song song) {
            this.id = id;
            this.song = song;
        }
    }

    @Entity(name = "Jingle")
    @PartOf("playlist")
    static class Jingle {
        @Id
        Long id;

        @ManyToOne(fetch = FetchType.LAZY)
        Playlist playlist;

        Jingle() {}

        Jingle(long id, Playlist playlist) {
            this.id = id;
            this.playlist = playlist;
        }
    }
}
