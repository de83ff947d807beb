package dev.dualwrite.spring.avro;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes.Decimal;
import org.apache.avro.Schema;

/**
 * The logical types in a schema, in order. Avro's fingerprint does not know them, and read with another scale the same bytes are
 * another number. Pure.
 */
final class LogicalTypes {

    private final List<String> found = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();

    private LogicalTypes() {}

    static List<String> of(Schema schema) {
        var types = new LogicalTypes();
        types.look(schema, "");
        return types.found;
    }

    private void look(Schema schema, String path) {
        // As it is written: the type itself is absent from a schema that was read before its factory was registered.
        String logical = schema.getProp(LogicalType.LOGICAL_TYPE_PROP);
        if (logical != null) {
            // A larger precision reads the same bytes as the same number.
            found.add(path
                    + ' '
                    + logical
                    + (schema.getLogicalType() instanceof Decimal decimal ? decimal.getScale() : ""));
        }
        switch (schema.getType()) {
            case RECORD -> {
                if (seen.add(schema.getFullName())) {
                    schema.getFields().forEach(field -> look(field.schema(), path + '/' + field.name()));
                }
            }
            case ARRAY -> look(schema.getElementType(), path + "/[]");
            case MAP -> look(schema.getValueType(), path + "/{}");
            case UNION -> schema.getTypes().forEach(branch -> look(branch, path + '|' + branch.getFullName()));
            default -> {
                // No schema inside.
            }
        }
    }
}
