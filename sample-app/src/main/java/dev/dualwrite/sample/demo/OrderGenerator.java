package dev.dualwrite.sample.demo;

import dev.dualwrite.sample.order.OrderRequest;
import dev.dualwrite.sample.order.OrderStatus;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Makes up orders that look like those of a shop. Which ones depends on the random generator alone. */
final class OrderGenerator {

    private static final int MAX_LINES = 6;
    private static final int VARIANTS = 40;

    private static final List<String> FIRST_NAMES = List.of(
            "Amara", "Björn", "Chiara", "Dmitri", "Elif", "Fatima", "Grace", "Hiroshi", "Ines", "João", "Kwame", "Léa",
            "Mateo", "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Siobhán", "Tomasz", "Ulla", "Víctor", "Wei",
            "Yara");
    private static final List<String> LAST_NAMES = List.of(
            "Adeyemi",
            "Bakker",
            "Costa",
            "Dubois",
            "Eriksson",
            "Fischer",
            "García",
            "Hansen",
            "Ivanova",
            "Jensen",
            "Kowalski",
            "López",
            "Müller",
            "Nakamura",
            "O'Brien",
            "Papadopoulos",
            "Rossi",
            "Şahin",
            "Tanaka",
            "Walker");
    private static final List<Article> ARTICLES = List.of(
            new Article("BOOK", 899),
            new Article("MUG", 1150),
            new Article("LAMP", 4990),
            new Article("CHAIR", 12900),
            new Article("DESK", 34900),
            new Article("PEN", 249),
            new Article("CABLE", 799),
            new Article("SHIRT", 2495),
            new Article("TEA", 650),
            new Article("CLOCK", 3900));

    private final RandomGenerator random;

    OrderGenerator(RandomGenerator random) {
        this.random = random;
    }

    /** A kind of thing the shop sells, in forty variants, each a little dearer than the one before. */
    private record Article(String name, long basePriceCents) {

        OrderRequest.Line line(int variant, int quantity) {
            return new OrderRequest.Line(
                    String.format(Locale.ROOT, "%s-%04d", name, 1000 + variant),
                    quantity,
                    basePriceCents + basePriceCents * variant / 10);
        }
    }

    /** One that was just placed. */
    OrderRequest placed() {
        return order(OrderStatus.NEW);
    }

    /** One at any point of its life. */
    OrderRequest any() {
        return order(one(List.of(OrderStatus.values())));
    }

    private OrderRequest order(OrderStatus status) {
        // The smaller of two dice: most orders have few lines.
        int lines = Math.min(random.nextInt(1, MAX_LINES + 1), random.nextInt(1, MAX_LINES + 1));
        return new OrderRequest(
                one(FIRST_NAMES) + " " + one(LAST_NAMES),
                status,
                IntStream.range(0, lines)
                        .mapToObj(i -> one(ARTICLES).line(random.nextInt(VARIANTS), random.nextInt(1, 5)))
                        .toList());
    }

    private <T> T one(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
