package dev.dualwrite.relay.capture;

import dev.dualwrite.relay.capture.sample.Album;
import dev.dualwrite.relay.capture.sample.Article;
import dev.dualwrite.relay.capture.sample.Booking;
import dev.dualwrite.relay.capture.sample.Course;
import dev.dualwrite.relay.capture.sample.Customer;
import dev.dualwrite.relay.capture.sample.CustomerCard;
import dev.dualwrite.relay.capture.sample.Document;
import dev.dualwrite.relay.capture.sample.Gadget;
import dev.dualwrite.relay.capture.sample.Payment;
import dev.dualwrite.relay.capture.sample.Seat;
import dev.dualwrite.relay.capture.sample.Student;
import dev.dualwrite.relay.capture.sample.Track;
import dev.dualwrite.relay.capture.sample.Vehicle;
import jakarta.persistence.EntityManager;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.springframework.data.jpa.repository.support.SimpleJpaRepository;

/** What services do with the rest of the sample. */
final class SampleWork {

    private static final int IDS = 10;
    private static final List<String> CUSTOMERS =
            List.of("O'Neil|x", "a\\|b\\", " lead", "Ünï \u202e rtl", "😀𐍈", "\"quoted\"", "%_", "null", "{}", "a:b");

    /** Each takes an entity manager in a transaction and a source of chance. */
    static final List<BiConsumer<EntityManager, Random>> ALL = List.of(
            SampleWork::saveCustomer,
            customer((customer, random) -> customer.distance = random.nextInt(5) == 0 ? null : random.nextInt(50)),
            customer((customer, random) ->
                    customer.biography = random.nextBoolean() ? null : "life " + random.nextInt()),
            customer((customer, random) -> customer.phones.add(phone(random))),
            customer((customer, random) -> customer.phones.add(0, phone(random))),
            customer((customer, random) -> customer.phones.clear()),
            (entities, random) -> remove(entities, Customer.class, customer(random)),
            SampleWork::saveCard,
            (entities, random) -> remove(entities, CustomerCard.class, customer(random)),
            SampleWork::saveVehicle,
            (entities, random) -> remove(entities, Vehicle.class, random.nextInt(IDS)),
            SampleWork::savePayment,
            (entities, random) -> remove(entities, Payment.class, random.nextInt(IDS)),
            SampleWork::saveDocument,
            SampleWork::changeDocument,
            SampleWork::saveSeat,
            (entities, random) -> remove(entities, Seat.class, place(random)),
            SampleWork::saveBooking,
            (entities, random) -> remove(entities, Booking.class, key(random)),
            SampleWork::saveArticle,
            SampleWork::changeArticle,
            SampleWork::saveCourse,
            course((course, random) -> course.students.clear()),
            (entities, random) -> remove(entities, Course.class, random.nextInt(IDS)),
            SampleWork::enrol,
            SampleWork::enrol,
            SampleWork::removeStudent,
            SampleWork::saveAlbum,
            album((album, random) -> album.tracks.add(new Track("track " + random.nextInt()))),
            album((album, random) -> album.tracks.removeIf(track -> random.nextInt(3) == 0)),
            album((album, random) -> Collections.shuffle(album.tracks, random)),
            album((album, random) -> album.tracks.forEach(track -> track.title += "'")),
            (entities, random) -> remove(entities, Album.class, random.nextInt(IDS)),
            SampleWork::saveAllTracks,
            SampleWork::saveGadget,
            SampleWork::saveGadget,
            (entities, random) -> remove(entities, Gadget.class, random.nextInt(IDS)));

    private SampleWork() {}

    static String customer(Random random) {
        return CUSTOMERS.get(random.nextInt(CUSTOMERS.size()));
    }

    static <T> T one(T[] values, Random random) {
        return Arrays.asList(values).get(random.nextInt(values.length));
    }

    private static Customer.Phone phone(Random random) {
        return new Customer.Phone("kind " + random.nextInt(3), random.nextBoolean() ? null : "" + random.nextInt());
    }

    private static Seat.Place place(Random random) {
        return new Seat.Place(random.nextBoolean() ? "a|b" : "c\\", random.nextInt(4));
    }

    private static Booking.Key key(Random random) {
        return new Booking.Key(LocalDate.EPOCH.plusDays(random.nextInt(3)), random.nextInt(4));
    }

    private static <T> void remove(EntityManager entities, Class<T> type, Object id) {
        T found = entities.find(type, id);
        if (found != null) {
            entities.remove(found);
        }
    }

    private static BiConsumer<EntityManager, Random> customer(BiConsumer<Customer, Random> change) {
        return (entities, random) -> {
            Customer customer = entities.find(Customer.class, customer(random));
            if (customer != null) {
                change.accept(customer, random);
            }
        };
    }

    private static void saveCustomer(EntityManager entities, Random random) {
        String name = customer(random);
        if (entities.find(Customer.class, name) == null) {
            entities.persist(new Customer(name));
        }
    }

    private static void saveCard(EntityManager entities, Random random) {
        String name = customer(random);
        CustomerCard card = entities.find(CustomerCard.class, name);
        Customer customer = entities.find(Customer.class, name);
        if (card != null) {
            card.points++;
        } else if (customer != null) {
            entities.persist(new CustomerCard(customer));
        }
    }

    private static void saveVehicle(EntityManager entities, Random random) {
        int id = random.nextInt(IDS);
        Vehicle vehicle = entities.find(Vehicle.class, id);
        if (vehicle == null) {
            vehicle = random.nextBoolean() ? new Vehicle.Car() : new Vehicle.Truck();
            vehicle.id = id;
            entities.persist(vehicle);
        }
        vehicle.wheels = random.nextInt(9);
    }

    private static void savePayment(EntityManager entities, Random random) {
        int id = random.nextInt(IDS);
        Payment payment = entities.find(Payment.class, id);
        if (payment == null) {
            payment = random.nextBoolean() ? new Payment.ByCard() : new Payment.ByBank();
            payment.id = id;
            entities.persist(payment);
        } else if (payment instanceof Payment.ByCard card) {
            card.card = "card " + random.nextInt();
        }
        payment.amount = random.nextBoolean() ? payment.amount : BigDecimal.valueOf(random.nextInt(), 3);
    }

    private static void saveDocument(EntityManager entities, Random random) {
        Document document = random.nextBoolean() ? new Document.Invoice() : new Document.Receipt();
        document.type = "type " + random.nextInt(3);
        entities.persist(document);
    }

    private static void changeDocument(EntityManager entities, Random random) {
        List<Document> all =
                entities.createQuery("from Document", Document.class).getResultList();
        if (!all.isEmpty()) {
            Document document = all.get(random.nextInt(all.size()));
            if (random.nextBoolean()) {
                entities.remove(document);
            } else {
                document.type += "'";
            }
        }
    }

    private static void saveSeat(EntityManager entities, Random random) {
        Seat.Place place = place(random);
        Seat seat = entities.find(Seat.class, place);
        if (seat == null) {
            entities.persist(new Seat(place));
        } else {
            seat.category = one(Seat.Category.values(), random);
        }
    }

    private static void saveBooking(EntityManager entities, Random random) {
        Booking.Key key = key(random);
        Booking booking = entities.find(Booking.class, key);
        if (booking == null) {
            booking = new Booking(key);
            entities.persist(booking);
        }
        booking.guest = "guest " + random.nextInt(5);
        booking.seat = random.nextInt(3) == 0 ? null : entities.find(Seat.class, place(random));
    }

    // An identifier that was deleted is not free again: the row is there.
    private static void saveArticle(EntityManager entities, Random random) {
        var article = new Article(random.nextInt(5000));
        article.title = "title " + random.nextInt();
        if (entities.find(Article.class, article.id) == null) {
            entities.persist(article);
        }
    }

    private static void changeArticle(EntityManager entities, Random random) {
        List<Article> all = entities.createQuery("from Article", Article.class).getResultList();
        if (!all.isEmpty()) {
            Article article = all.get(random.nextInt(all.size()));
            if (random.nextBoolean()) {
                entities.remove(article);
            } else {
                article.title += "'";
            }
        }
    }

    private static BiConsumer<EntityManager, Random> course(BiConsumer<Course, Random> change) {
        return (entities, random) -> {
            Course course = entities.find(Course.class, random.nextInt(IDS));
            if (course != null) {
                change.accept(course, random);
            }
        };
    }

    private static void saveCourse(EntityManager entities, Random random) {
        int id = random.nextInt(IDS);
        Course course = entities.find(Course.class, id);
        if (course == null) {
            entities.persist(new Course(id));
        } else {
            course.title = "title " + random.nextInt();
        }
    }

    private static void enrol(EntityManager entities, Random random) {
        int id = random.nextInt(IDS);
        Student student = entities.find(Student.class, id);
        if (student == null) {
            student = new Student(id);
            entities.persist(student);
        }
        student.name = "name " + random.nextInt(9);
        Course course = entities.find(Course.class, random.nextInt(IDS));
        if (course != null && !course.students.remove(student)) {
            course.students.add(student);
        }
    }

    private static void removeStudent(EntityManager entities, Random random) {
        Student student = entities.find(Student.class, random.nextInt(IDS));
        if (student != null) {
            student.courses.forEach(course -> course.students.remove(student));
            entities.remove(student);
        }
    }

    private static BiConsumer<EntityManager, Random> album(BiConsumer<Album, Random> change) {
        return (entities, random) -> {
            Album album = entities.find(Album.class, random.nextInt(IDS));
            if (album != null) {
                change.accept(album, random);
            }
        };
    }

    private static void saveAlbum(EntityManager entities, Random random) {
        int id = random.nextInt(IDS);
        Album album = entities.find(Album.class, id);
        if (album == null) {
            entities.persist(new Album(id));
        } else {
            album.title = "title " + random.nextInt();
        }
    }

    private static void saveAllTracks(EntityManager entities, Random random) {
        new SimpleJpaRepository<>(Track.class, entities)
                .saveAll(IntStream.range(0, 1 + random.nextInt(20))
                        .mapToObj(i -> new Track("single " + i))
                        .toList());
    }

    private static void saveGadget(EntityManager entities, Random random) {
        int id = random.nextInt(IDS);
        Gadget gadget = entities.find(Gadget.class, id);
        if (gadget == null) {
            gadget = new Gadget(id);
            entities.persist(gadget);
        }
        gadget.settings = random.nextInt(4) == 0
                ? null
                : Map.of("n", random.nextInt(), "list", List.of(1, "two"), "deep", Map.of("ü", true));
        gadget.names = random.nextInt(4) == 0 ? null : new String[] {"one", "", null, "q\"" + random.nextInt(9)};
        gadget.numbers = random.nextInt(4) == 0 ? null : List.of(random.nextInt(), 2);
        gadget.colour = random.nextInt(4) == 0 ? null : one(Gadget.Colour.values(), random);
        gadget.picture = random.nextInt(4) == 0 ? null : new byte[] {0, (byte) random.nextInt(), -1};
        gadget.active = random.nextBoolean();
    }
}
