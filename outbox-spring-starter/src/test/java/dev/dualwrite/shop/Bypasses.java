package dev.dualwrite.shop;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.hibernate.Session;
import org.springframework.jdbc.datasource.DataSourceUtils;

/** Every way to change a captured table that no listener of Hibernate's hears of. */
enum Bypasses {
    BULK_UPDATE("orders") {
        @Override
        void on(Shop shop) {
            shop.entities().createQuery("update Order o set o.status = 'b'").executeUpdate();
        }
    },
    BULK_DELETE("line") {
        @Override
        void on(Shop shop) {
            shop.entities()
                    .createQuery("delete from Line l where l.quantity > 10")
                    .executeUpdate();
        }
    },
    CRITERIA_UPDATE("label") {
        @Override
        void on(Shop shop) {
            var update = shop.entities().getCriteriaBuilder().createCriteriaUpdate(Entities.Label.class);
            update.from(Entities.Label.class);
            shop.entities().createQuery(update.set("text", "c")).executeUpdate();
        }
    },
    INSERT_SELECT("label") {
        @Override
        void on(Shop shop) {
            shop.entities()
                    .createQuery(
                            "insert into Label (id, text) select concat('copy of ', l.id), l.text from Label l where l.id = 'x'")
                    .executeUpdate();
        }
    },
    BULK_UPDATE_OF_TWO_TABLES("payment") {
        @Override
        void on(Shop shop) {
            shop.entities()
                    .createQuery("update CardPayment p set p.amount = 3, p.card = 'x'")
                    .executeUpdate();
        }
    },
    BULK_DELETE_WITH_COLLECTIONS("order_tags") {
        @Override
        void on(Shop shop) {
            shop.entities().createQuery("delete from Order o where o.id < 0").executeUpdate();
        }
    },
    BULK_UPDATE_OF_A_QUOTED_TABLE_IN_A_SCHEMA("depot.big parcels") {
        @Override
        void on(Shop shop) {
            shop.entities()
                    .createQuery("update Parcel p set p.weight = 3 where p.id = 'b'")
                    .executeUpdate();
        }
    },
    QUOTED_TABLE_IN_A_SCHEMA("depot.big parcels") {
        @Override
        void on(Shop shop) {
            shop.jdbc().update("DELETE FROM depot.\"Big Parcels\" WHERE weight > ?", 5);
        }
    },
    STATELESS_BULK("orders") {
        @Override
        void on(Shop shop) {
            Session session = shop.entities().unwrap(Session.class);
            session.doWork(connection -> {
                try (var stateless = session.getSessionFactory().openStatelessSession(connection)) {
                    stateless
                            .createMutationQuery("update Order o set o.status = 'stateless' where o.id > 2")
                            .executeUpdate();
                }
            });
        }
    },
    NATIVE_QUERY("orders") {
        @Override
        void on(Shop shop) {
            shop.entities().createNativeQuery("UPDATE orders SET status = 'n'").executeUpdate();
        }
    },
    WORK("orders") {
        @Override
        void on(Shop shop) {
            shop.entities().unwrap(Session.class).doWork(connection -> {
                try (PreparedStatement update =
                        connection.prepareStatement("UPDATE orders SET status = 'w' WHERE id > 1")) {
                    update.execute();
                }
            });
        }
    },
    JDBC_TEMPLATE("orders") {
        @Override
        void on(Shop shop) {
            shop.jdbc().update("UPDATE orders SET status = ? WHERE id > ? AND id < ?", "j", 1, 2);
        }
    },
    JDBC_BATCH("line") {
        @Override
        void on(Shop shop) {
            shop.jdbc()
                    .batchUpdate("UPDATE line SET quantity = ? WHERE id = ?", List.<Object[]>of(new Object[] {1, 1L}));
        }
    },
    JDBC_CLIENT("label") {
        @Override
        void on(Shop shop) {
            shop.client()
                    .sql("INSERT INTO label (id) VALUES (:id) ON CONFLICT (id) DO UPDATE SET text = 'again'")
                    .param("id", "client")
                    .update();
        }
    },
    QUERY_THAT_INSERTS("label") {
        @Override
        void on(Shop shop) {
            shop.client()
                    .sql(
                            "WITH added AS (INSERT INTO label (id) VALUES (gen_random_uuid()) RETURNING id) SELECT id FROM added")
                    .query(String.class)
                    .list();
        }
    },
    MERGE("label") {
        @Override
        void on(Shop shop) {
            shop.jdbc().update("""
                    MERGE INTO label USING (SELECT 'merged' AS new_id) AS n ON id = new_id
                    WHEN MATCHED THEN UPDATE SET text = 'x' WHEN NOT MATCHED THEN INSERT (id) VALUES (new_id)
                    """);
        }
    },
    PLAIN_STATEMENT("customer") {
        @Override
        void on(Shop shop) {
            plain(shop, statement -> statement.execute("/* clean up */ DELETE FROM public.customer"));
        }
    },
    PLAIN_BATCH("customer_note") {
        @Override
        void on(Shop shop) {
            plain(shop, statement -> {
                statement.addBatch("UPDATE customer_note SET note = 'x' WHERE id = 'y'");
                statement.executeBatch();
            });
        }
    },
    SEVERAL_STATEMENTS("article") {
        @Override
        void on(Shop shop) {
            plain(shop, statement -> statement.executeUpdate("SET LOCAL work_mem = '1MB'; TRUNCATE article CASCADE"));
        }
    };

    private final String table;

    Bypasses(String table) {
        this.table = table;
    }

    /** The captured table that it changes first. */
    String table() {
        return table;
    }

    abstract void on(Shop shop);

    private interface Work {
        void on(Statement statement) throws SQLException;
    }

    private static void plain(Shop shop, Work work) {
        Connection connection = DataSourceUtils.getConnection(shop.dataSource());
        try (Statement statement = connection.createStatement()) {
            work.on(statement);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } finally {
            DataSourceUtils.releaseConnection(connection, shop.dataSource());
        }
    }
}
