package dev.dualwrite.sample;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Both stores, seen from outside: plain SQL, none of the service's code. */
public final class Stores {

    private static final String PRIMARY_DOCUMENTS = """
            SELECT o.id, o.customer, o.status, o.version, extract(epoch FROM o.updated_at) AS updated_at,
                   count(*) AS line_count, sum(l.quantity * l.unit_price_cents) AS total_cents,
                   jsonb_agg(jsonb_build_object('sku', l.sku, 'quantity', l.quantity,
                                                'unitPriceCents', l.unit_price_cents) ORDER BY l.position) AS lines
            FROM orders o
            JOIN order_line l ON l.order_id = o.id
            GROUP BY o.id
            ORDER BY o.id
            """;
    private static final String SECONDARY_DOCUMENTS = """
            SELECT d.id, d.customer, d.status, d.version, extract(epoch FROM d.updated_at) AS updated_at,
                   d.line_count, d.total_cents, d.lines
            FROM order_documents d
            ORDER BY d.id
            """;

    private final JdbcClient primary;
    private final JdbcClient secondary;

    public Stores(JdbcClient primary, JdbcClient secondary) {
        this.primary = primary;
        this.secondary = secondary;
    }

    public static JdbcClient client(String url) {
        return JdbcClient.create(new DriverManagerDataSource(url, "postgres", "postgres"));
    }

    public JdbcClient primary() {
        return primary;
    }

    public JdbcClient secondary() {
        return secondary;
    }

    /** What the orders of the primary come to as documents, computed by the database. */
    public List<Document> primaryDocuments() {
        return documents(primary, PRIMARY_DOCUMENTS);
    }

    public List<Document> secondaryDocuments() {
        return documents(secondary, SECONDARY_DOCUMENTS);
    }

    /** Entries that are not applied. */
    public long backlog() {
        return primary.sql("SELECT coalesce(sum(entries), 0) FROM dualwrite.backlog")
                .query(Long.class)
                .single();
    }

    private static List<Document> documents(JdbcClient store, String query) {
        return store.sql(query)
                .query((row, n) -> new Document(
                        row.getLong("id"),
                        row.getString("customer"),
                        row.getString("status"),
                        row.getLong("version"),
                        row.getString("updated_at"),
                        row.getInt("line_count"),
                        row.getLong("total_cents"),
                        row.getString("lines")))
                .list();
    }

    /** One order as the secondary should hold it. */
    public record Document(
            long id,
            String customer,
            String status,
            long version,
            String updatedAt,
            int lineCount,
            long totalCents,
            String lines) {}
}
