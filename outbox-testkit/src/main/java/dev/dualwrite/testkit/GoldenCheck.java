package dev.dualwrite.testkit;

import dev.dualwrite.outbox.spi.Upcaster;
import dev.dualwrite.outbox.spi.Upcasters;
import dev.dualwrite.outbox.spi.Upcasters.TypeVersion;
import dev.dualwrite.outbox.spi.Upcasters.UpcastException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What {@link GoldenPayloads} checks of one payload type; each finding says what to do. */
final class GoldenCheck {

    /** Two bytes that say that it is Avro's single-object encoding, and eight of fingerprint. */
    private static final int AVRO_MARK = 10;

    private final GoldenFiles files;
    private final Newest newest;
    private final List<Upcaster> upcasters;

    /**
     * What today's code writes.
     *
     * @param bytes of the sample
     */
    @SuppressWarnings("ArrayRecordComponent") // lives within one check
    record Newest(TypeVersion stated, byte[] bytes) {}

    GoldenCheck(GoldenFiles files, Newest newest, List<Upcaster> upcasters) {
        this.files = files;
        this.newest = newest;
        this.upcasters = upcasters;
    }

    /** Whether today's class writes what its newest version is known to be. */
    List<String> newest() {
        var findings = new ArrayList<String>();
        TypeVersion stated = newest.stated();
        if (!files.has(stated)) {
            findings.add("there is no " + files.file(stated) + " for the version that today's code writes. Next: if the"
                    + " version is new, create that file with this content" + (files.binary() ? ", in Base64" : "")
                    + ":\n" + content());
        } else if (differs(files.read(stated), newest.bytes())) {
            findings.add(files.file(stated) + " says something else than what today's code writes for the sample. Next:"
                    + " if version " + stated.version()
                    + " was released, raise the version of the payload type and add an"
                    + " upcaster from " + stated.version() + "; if it was not, replace the file's content by what is"
                    + " written now:\n" + content());
        }
        for (int later : files.versions(stated.type()).tailSet(stated.version(), false)) {
            findings.add("there is " + files.file(new TypeVersion(stated.type(), later))
                    + ", but today's code writes version " + stated.version()
                    + ". Next: raise the version of the payload type, it must never fall");
        }
        return findings;
    }

    /**
     * Whether every older version can still be read.
     *
     * @param expected for some versions what they become; for the others that is the sample
     */
    List<String> older(Map<Integer, byte[]> expected) {
        var findings = new ArrayList<>(Upcasters.mistakes(upcasters));
        if (findings.isEmpty()) {
            var chains = new Upcasters(upcasters);
            for (TypeVersion stated : released(chains)) {
                if (files.has(stated)) {
                    older(stated, chains, expected.getOrDefault(stated.version(), newest.bytes()), findings);
                } else {
                    findings.add("there is no " + files.file(stated) + ". Next: bring it back, it says what version "
                            + stated.version() + " was");
                }
            }
        }
        return findings;
    }

    /** Everything from the oldest file on, and what upcasters lift to today's version, under former names too. */
    private Set<TypeVersion> released(Upcasters chains) {
        var released = new LinkedHashSet<TypeVersion>();
        String type = newest.stated().type();
        NavigableSet<Integer> versions = files.versions(type);
        if (!versions.isEmpty()) {
            IntStream.range(versions.first(), newest.stated().version())
                    .forEach(version -> released.add(new TypeVersion(type, version)));
        }
        upcasters.stream()
                .map(upcaster -> new TypeVersion(upcaster.payloadType(), upcaster.fromVersion()))
                .filter(stated -> chains.newest(stated).equals(newest.stated()))
                .forEach(released::add);
        return released;
    }

    private void older(TypeVersion stated, Upcasters chains, byte[] expected, List<String> findings) {
        TypeVersion end = chains.newest(stated);
        if (!end.equals(newest.stated())) {
            findings.add(files.file(stated) + " is lifted to " + end + ", expected " + newest.stated()
                    + ". Next: add an upcaster from " + end);
            return;
        }
        try {
            if (!(files.tree(files.read(stated)) instanceof Map<?, ?> old)) {
                findings.add(files.file(stated) + " is no JSON object. Next: bring the file back");
                return;
            }
            @SuppressWarnings("unchecked") // trees have no other maps
            Object lifted = chains.upcast(stated, (Map<String, @Nullable Object>) old);
            Object wanted = files.tree(expected);
            if (!Objects.equals(lifted, wanted)) {
                findings.add(files.file(stated) + " becomes\n" + JsonText.write(lifted) + "\nexpected\n"
                        + JsonText.write(wanted) + "\nNext: correct the upcasters, or tell by expecting("
                        + stated.version() + ", …) what it must become");
            }
        } catch (UpcastException e) {
            findings.add(files.file(stated) + ": " + e.getMessage() + ": " + e.getCause() + ". Next: correct it");
        } catch (IllegalArgumentException e) {
            findings.add(files.file(stated) + ": " + e.getMessage() + ". Next: bring the file back");
        }
    }

    private boolean differs(byte[] file, byte[] written) {
        // The layout of JSON is a matter of taste, also of the person who keeps the file.
        return !Arrays.equals(mark(file), mark(written)) || !Objects.equals(files.tree(file), files.tree(written));
    }

    /** The schema that Avro says it was written with. The value behind it may have the entries of a map in any order. */
    private static byte[] mark(byte[] payload) {
        boolean avro = payload.length >= AVRO_MARK && payload[0] == (byte) 0xC3 && payload[1] == 1;
        return avro ? Arrays.copyOf(payload, AVRO_MARK) : new byte[0];
    }

    private String content() {
        return files.binary()
                ? Base64.getEncoder().encodeToString(newest.bytes())
                : JsonText.write(files.tree(newest.bytes()));
    }
}
