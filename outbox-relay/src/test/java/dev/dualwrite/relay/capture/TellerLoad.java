package dev.dualwrite.relay.capture;

import dev.dualwrite.postgres.TestDatabase;

/** The tables of pgbench and its TPC-B-like transactions, by the program itself or by JDBC. */
interface TellerLoad {

    int CLIENTS = 8;

    TestDatabase database();

    /** Creates and fills the four tables at scale 1. */
    void create() throws Exception;

    /** Runs so many transactions for each client; first empties the history by TRUNCATE, if that is asked for. */
    void run(int transactions, boolean emptyHistory) throws Exception;
}
