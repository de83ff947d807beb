package dev.dualwrite.bench.wal;

import dev.dualwrite.bench.store.Database;
import java.util.List;

/**
 * Reads the primary's log, record by record. A record counts with its length, rounded up to eight bytes as the log does, and
 * with its share of the headers of the log's pages; without the full-page images in it.
 *
 * <p>Only records that touch a relation of this database count, so neither commits nor what other databases write.
 */
final class LogReader {

    private static final String POSITION = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint";

    /** A page of 8 kB begins with 24 bytes of its own. */
    private static final String RECORDS = """
            SELECT c.relname AS relation, r.resource_manager || ' ' || r.record_type AS record, count(*) AS records,
                   sum((r.record_length - r.fpi_length + 7) / 8 * 8) * 8192.0 / (8192 - 24) AS bytes
            FROM pg_get_wal_records_info('0/0'::pg_lsn + ?, '0/0'::pg_lsn + ?) AS r
            JOIN pg_class c ON pg_relation_filenode(c.oid) = substring(r.block_ref FROM 'rel \\d+/\\d+/(\\d+)')::oid
            WHERE r.block_ref LIKE '%/' || (SELECT oid FROM pg_database WHERE datname = current_database()) || '/%'
            GROUP BY c.relname, r.resource_manager, r.record_type
            ORDER BY sum(r.record_length - r.fpi_length) DESC
            """;

    private final Database database;

    LogReader(Database database) {
        this.database = database;
        database.run("CREATE EXTENSION IF NOT EXISTS pg_walinspect");
    }

    /** Records of one kind on one relation. */
    record Kind(String relation, String record, long records, double bytes) {}

    long position() {
        return database.number(POSITION);
    }

    List<Kind> between(long from, long to) {
        // Only what is on disk can be read.
        database.sql().sql("SELECT pg_switch_wal()").query().singleRow();
        return database.sql()
                .sql(RECORDS)
                .params(from, to)
                .query((row, n) -> new Kind(
                        row.getString("relation"),
                        row.getString("record"),
                        row.getLong("records"),
                        row.getDouble("bytes")))
                .list();
    }
}
