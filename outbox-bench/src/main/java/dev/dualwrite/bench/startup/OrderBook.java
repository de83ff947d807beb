package dev.dualwrite.bench.startup;

import java.util.Map;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.json.JsonMapper;

/** What the service does with its own database and its own JSON when it starts. In a class of its own: a lean one has no JSON. */
final class OrderBook {

    private OrderBook() {}

    /** Writes an order and reads it back. */
    static void open(ApplicationContext context) {
        JsonMapper json = context.getBean(JsonMapper.class);
        JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
        jdbc.update("""
                INSERT INTO customer_order AS o (order_id, content)
                VALUES ('first', ?::jsonb)
                ON CONFLICT (order_id) DO UPDATE SET content = excluded.content
                """, json.writeValueAsString(Map.of("customer", "c-1", "total", 1999)));
        String content =
                jdbc.queryForObject("SELECT content::text FROM customer_order WHERE order_id = 'first'", String.class);
        if (json.readTree(content).path("total").asInt() != 1999) {
            throw new IllegalStateException("the order reads " + content);
        }
    }
}
