package dev.dualwrite.relay.capture;

import dev.dualwrite.relay.capture.sample.OrderLine;
import dev.dualwrite.relay.capture.sample.Student;
import dev.dualwrite.relay.capture.sample.Vehicle;
import jakarta.persistence.EntityManager;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import org.hibernate.Session;
import org.hibernate.StatelessSession;

/** What services do through a stateless session, in the transaction of an entity manager and on its connection. */
final class StatelessWork {

    private static final int IDS = 10;

    /** Each takes an entity manager in a transaction and a source of chance. */
    static final List<BiConsumer<EntityManager, Random>> ALL = List.of(
            on(StatelessWork::save), on(StatelessWork::upsert), on(StatelessWork::delete), on(StatelessWork::line));

    private StatelessWork() {}

    private static BiConsumer<EntityManager, Random> on(BiConsumer<StatelessSession, Random> work) {
        return (entities, random) -> {
            Session session = entities.unwrap(Session.class);
            // It does not see what is not flushed, and would write the same rows in another order.
            session.flush();
            session.clear();
            session.doWork(connection -> {
                try (StatelessSession stateless = session.getSessionFactory().openStatelessSession(connection)) {
                    work.accept(stateless, random);
                }
            });
        };
    }

    private static void save(StatelessSession session, Random random) {
        var student = new Student(random.nextInt(IDS));
        student.name = "stateless " + random.nextInt(5);
        if (session.get(Student.class, student.id) == null) {
            session.insert(student);
        } else {
            session.update(student);
        }
    }

    private static void upsert(StatelessSession session, Random random) {
        var student = new Student(random.nextInt(IDS));
        student.name = "upserted " + random.nextInt(5);
        session.upsert(student);
    }

    private static void delete(StatelessSession session, Random random) {
        Vehicle vehicle = session.get(Vehicle.class, random.nextInt(IDS));
        if (vehicle != null) {
            session.delete(vehicle);
        }
    }

    private static void line(StatelessSession session, Random random) {
        List<OrderLine> lines = session.createSelectionQuery("from OrderLine order by id", OrderLine.class)
                .getResultList();
        if (!lines.isEmpty()) {
            OrderLine line = lines.get(random.nextInt(lines.size()));
            line.quantity = -line.quantity;
            session.update(line);
        }
    }
}
