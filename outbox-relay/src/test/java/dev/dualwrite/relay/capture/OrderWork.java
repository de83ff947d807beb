package dev.dualwrite.relay.capture;

import dev.dualwrite.relay.capture.sample.Address;
import dev.dualwrite.relay.capture.sample.Customer;
import dev.dualwrite.relay.capture.sample.LineNote;
import dev.dualwrite.relay.capture.sample.Order;
import dev.dualwrite.relay.capture.sample.OrderLine;
import dev.dualwrite.relay.capture.sample.Shipment;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import java.math.BigDecimal;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.hibernate.Hibernate;

/** What services do with an order, its children, its collections and its embeddables. */
final class OrderWork {

    private static final int ORDERS = 12;

    /** Each takes an entity manager in a transaction and a source of chance. */
    static final List<BiConsumer<EntityManager, Random>> ALL = List.of(
            OrderWork::save,
            OrderWork::save,
            OrderWork::remove,
            on((order, random) -> order.lines.add(new OrderLine(order, random.nextInt(100)))),
            on((order, random) -> order.lines.add(new OrderLine(order, random.nextInt(100)))),
            on((order, random) -> order.lines.removeIf(line -> random.nextBoolean())),
            on((order, random) -> order.lines.clear()),
            on((order, random) -> order.lines.forEach(line -> line.quantity = random.nextInt(100))),
            on((order, random) -> order.tags.add("tag " + random.nextInt(5))),
            on((order, random) -> order.tags.remove("tag " + random.nextInt(5))),
            on((order, random) -> order.tags.clear()),
            on((order, random) -> order.discounts.put("d" + random.nextInt(4), amount(random))),
            on((order, random) -> order.discounts.remove("d" + random.nextInt(4))),
            on((order, random) -> order.address = address(random)),
            on((order, random) -> order.total = amount(random)),
            on((order, random) -> order.shipment = random.nextInt(3) == 0 || order.shipment != null
                    ? null
                    : new Shipment(order, "by " + random.nextInt())),
            OrderWork::changePlace,
            OrderWork::changeShipment,
            OrderWork::changeOneLine,
            OrderWork::addNote,
            OrderWork::addNote,
            OrderWork::changeNote,
            OrderWork::clearNotes,
            OrderWork::moveLine,
            OrderWork::moveLine,
            OrderWork::mergeDetached,
            OrderWork::forceVersion,
            OrderWork::setCustomer);

    private OrderWork() {}

    private static BiConsumer<EntityManager, Random> on(BiConsumer<Order, Random> change) {
        return (entities, random) -> {
            Order order = entities.find(Order.class, id(random));
            if (order != null) {
                change.accept(order, random);
            }
        };
    }

    private static UUID id(Random random) {
        return new UUID(7, random.nextInt(ORDERS));
    }

    private static BigDecimal amount(Random random) {
        return BigDecimal.valueOf(random.nextInt(100_000), 2);
    }

    private static Address address(Random random) {
        if (random.nextInt(3) == 0) {
            return null;
        }
        var address = new Address();
        address.street = random.nextBoolean() ? null : "street " + random.nextInt(9);
        if (random.nextBoolean()) {
            address.place = new Address.Place();
            address.place.east = random.nextInt(9);
        }
        return address;
    }

    private static void save(EntityManager entities, Random random) {
        UUID id = id(random);
        Order order = entities.find(Order.class, id);
        if (order == null) {
            order = new Order(id);
            order.lines.add(new OrderLine(order, 1));
            order.tags.add("new");
            order.shipment = random.nextBoolean() ? null : new Shipment(order, "post");
            entities.persist(order);
        } else {
            order.status = SampleWork.one(Order.Status.values(), random);
        }
    }

    private static void remove(EntityManager entities, Random random) {
        Order order = entities.find(Order.class, id(random));
        if (order != null) {
            entities.remove(order);
        }
    }

    private static void changePlace(EntityManager entities, Random random) {
        on((order, chance) -> {
                    if (order.address != null && order.address.place != null) {
                        order.address.place.north = chance.nextInt();
                    }
                })
                .accept(entities, random);
    }

    private static void changeShipment(EntityManager entities, Random random) {
        Shipment shipment = entities.find(Shipment.class, id(random));
        if (shipment != null) {
            shipment.carrier = "carrier " + random.nextInt();
        }
    }

    private static OrderLine line(EntityManager entities, Random random) {
        return any(
                entities.createQuery("from OrderLine order by id", OrderLine.class)
                        .getResultList(),
                random);
    }

    private static <T> T any(List<T> all, Random random) {
        return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
    }

    private static void changeOneLine(EntityManager entities, Random random) {
        OrderLine line = line(entities, random);
        if (line != null) {
            line.quantity++;
        }
    }

    private static void addNote(EntityManager entities, Random random) {
        OrderLine line = line(entities, random);
        if (line != null) {
            entities.persist(new LineNote(line, "note " + random.nextInt()));
        }
    }

    private static void changeNote(EntityManager entities, Random random) {
        LineNote note = any(
                entities.createQuery("from LineNote order by id", LineNote.class)
                        .getResultList(),
                random);
        if (note != null) {
            note.text += ".";
        }
    }

    private static void clearNotes(EntityManager entities, Random random) {
        OrderLine line = line(entities, random);
        if (line != null) {
            line.notes.clear();
        }
    }

    private static void moveLine(EntityManager entities, Random random) {
        OrderLine line = line(entities, random);
        Order target = entities.find(Order.class, id(random));
        if (line != null && target != null) {
            line.order = target;
        }
    }

    private static void mergeDetached(EntityManager entities, Random random) {
        Order order = entities.find(Order.class, id(random));
        if (order != null) {
            Hibernate.initialize(order.tags);
            order.lines.forEach(line -> Hibernate.initialize(line.notes));
            Hibernate.initialize(order.discounts);
            entities.detach(order);
            order.status = Order.Status.SHIPPED;
            order.tags.add("merged " + random.nextInt(3));
            order.lines.removeIf(line -> random.nextBoolean());
            entities.merge(order);
        }
    }

    private static void forceVersion(EntityManager entities, Random random) {
        entities.find(
                Order.class,
                id(random),
                random.nextBoolean()
                        ? LockModeType.OPTIMISTIC_FORCE_INCREMENT
                        : LockModeType.PESSIMISTIC_FORCE_INCREMENT);
    }

    private static void setCustomer(EntityManager entities, Random random) {
        Order order = entities.find(Order.class, id(random));
        if (order != null) {
            order.customer = random.nextInt(3) == 0 ? null : entities.find(Customer.class, SampleWork.customer(random));
        }
    }
}
