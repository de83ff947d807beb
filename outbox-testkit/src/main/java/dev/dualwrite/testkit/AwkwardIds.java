package dev.dualwrite.testkit;

import java.util.List;
import java.util.stream.Stream;

/** Ids that have broken stores before: separators, quotes, patterns, spaces, case, forms of one letter, length. */
final class AwkwardIds {

    private static final String MARK = "*";

    private static final List<String> SHAPES = List.of(
            "*",
            " *",
            "* ",
            "* a",
            "*  a",
            "*|a",
            "*\\|a",
            "*\\",
            "*/a",
            "*/../a",
            "*:a",
            "*,a",
            "*.a",
            "*#a",
            "*?a=b&c",
            "*'",
            "*''",
            "*\"",
            "*`",
            "*'; DROP TABLE a; --",
            "*%",
            "*%25",
            "*_",
            "*$1",
            "*${a}",
            "*{a}",
            "*[a]",
            "*<a>&amp;",
            "*null",
            "*a",
            "*A",
            "*1",
            "*01",
            "*1.0",
            "*\u00e4", // one character
            "*a\u0308", // the same letter of two
            "*\u00df",
            "*ss",
            "*\u0130",
            "*\u65e5\u672c",
            "*\ud83d\ude80",
            "*\u200b",
            "*\u202e");

    private AwkwardIds() {}

    /** Each with this text in it, so that two runs do not meet. */
    static List<String> with(String run) {
        // The longest id that an aggregate may have.
        String longest = run + "x".repeat(1_000 - run.length());
        return Stream.concat(SHAPES.stream().map(shape -> shape.replace(MARK, run)), Stream.of(longest))
                .toList();
    }
}
