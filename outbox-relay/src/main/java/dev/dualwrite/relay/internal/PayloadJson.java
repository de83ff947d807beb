package dev.dualwrite.relay.internal;

import dev.dualwrite.outbox.spi.PayloadTree;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/** How payloads are read and written as JSON: what PostgreSQL has as a valid value shall pass. Pure. */
public final class PayloadJson {

    /** What a numeric can have before and behind its point, and a sign, a point and an exponent. */
    private static final int MAX_DIGITS = 131_072 + 16_383 + 20;

    private PayloadJson() {}

    /** The beginning of a mapper. */
    public static JsonMapper.Builder mapper() {
        return JsonMapper.builder(JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(PayloadTree.MAX_DEPTH)
                        .maxNumberLength(MAX_DIGITS)
                        .build())
                .streamWriteConstraints(StreamWriteConstraints.builder()
                        .maxNestingDepth(PayloadTree.MAX_DEPTH)
                        .build())
                .build());
    }

    /** Why a payload cannot be read. Not the parser's own message: it quotes the payload. */
    public static String unreadable(JacksonException failure) {
        TokenStreamLocation at = failure.getLocation();
        String where = at == null ? "" : ", see line " + at.getLineNr() + " column " + at.getColumnNr();
        if (failure instanceof StreamConstraintsException) {
            StreamReadConstraints defaults = StreamReadConstraints.defaults();
            return "payload is larger in some way than what is read, expected at most " + PayloadTree.MAX_DEPTH
                    + " levels of objects and arrays in each other, names of " + defaults.getMaxNameLength()
                    + " and texts of " + defaults.getMaxStringLength() + " characters, numbers of " + MAX_DIGITS
                    + " digits" + where;
        }
        return "payload is not JSON" + where;
    }
}
