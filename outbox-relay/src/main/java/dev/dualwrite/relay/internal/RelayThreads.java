package dev.dualwrite.relay.internal;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Every thread of the relay, named; the one place that makes them. */
public final class RelayThreads {

    private RelayThreads() {}

    /** A single thread that is not started. Not a daemon: a pod lives as long as its relay. */
    public static Thread single(String name, Runnable work) {
        return new Thread(work, "outbox-relay-" + name);
    }

    /** One thread for alarms that are nearly always cancelled. */
    public static ScheduledExecutorService alarms(String name) {
        var alarms = new ScheduledThreadPoolExecutor(1, work -> single(name, work));
        alarms.setRemoveOnCancelPolicy(true);
        return alarms;
    }

    /** A pool of at most so many threads that go away when idle. Its queue is bounded by the number of lanes. */
    public static ExecutorService pool(String name, int threads) {
        var number = new AtomicInteger();
        ThreadFactory factory = work -> single(name + "-" + number.incrementAndGet(), work);
        var pool = new ThreadPoolExecutor(threads, threads, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
