package dev.dualwrite.spring.avro;

import org.apache.avro.Conversion;
import org.apache.avro.generic.GenericData;

/**
 * Avro's model without conversions: the tree is made of the raw values, so that nothing is rounded on the way. Immutable;
 * thread-safe.
 */
final class RawData extends GenericData {

    static final RawData INSTANCE = new RawData();

    private RawData() {}

    /** Nothing: Avro adds here also those that it finds by ServiceLoader, whoever brought them. */
    @Override
    public void addLogicalTypeConversion(Conversion<?> conversion) {}
}
