package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.spi.PayloadCodec;
import tools.jackson.databind.json.JsonMapper;

/** Payloads as JSON in UTF-8, by Jackson. Thread-safe; no I/O. */
final class JsonPayloadCodec implements PayloadCodec {

    private final JsonMapper mapper;

    JsonPayloadCodec(JsonMapper mapper) {
        this.mapper = mapper;
    }

    @Override
    public byte[] encode(Object payload) {
        return mapper.writeValueAsBytes(payload);
    }
}
