package dev.dualwrite.spring.avro;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.ResourcePatternResolver;

/**
 * The schemas that this process knows, by their fingerprints: every version that any entry may still be written with. Immutable.
 */
final class AvroSchemas {

    private final Map<SchemaMark, Schema> schemas = new LinkedHashMap<>();
    private final Map<SchemaMark, String> files = new LinkedHashMap<>();
    private final List<String> mistakes = new ArrayList<>();

    /** Reads files, each with one record schema that needs no other file. */
    static AvroSchemas read(List<String> patterns, ResourcePatternResolver resolver) {
        var all = new AvroSchemas();
        for (String pattern : patterns) {
            all.readAll(pattern, resolver);
        }
        return all;
    }

    /** What keeps them from being used; empty if nothing does. */
    List<String> mistakes() {
        return List.copyOf(mistakes);
    }

    @Nullable
    Schema with(SchemaMark mark) {
        return schemas.get(mark);
    }

    /** Names of the schemas, for a person. */
    Set<String> names() {
        var names = new TreeSet<String>();
        schemas.values().forEach(schema -> names.add(schema.getFullName()));
        return names;
    }

    private void readAll(String pattern, ResourcePatternResolver resolver) {
        Resource[] found;
        try {
            found = resolver.getResources(pattern);
        } catch (IOException e) {
            found = new Resource[0];
        }
        if (found.length == 0) {
            mistakes.add(
                    "dualwrite.avro.schemas has '" + pattern + "', but there is no such file, expected at least one"
                            + " with an Avro schema. Next: correct dualwrite.avro.schemas, it is written like"
                            + " classpath*:avro/*.avsc");
        }
        for (Resource file : found) {
            read(file);
        }
    }

    private void read(Resource file) {
        try (InputStream in = file.getInputStream()) {
            add(new Schema.Parser().parse(in), file.getDescription());
        } catch (IOException | RuntimeException e) {
            // Avro has no one exception for a schema that is wrong.
            mistakes.add("dualwrite.avro.schemas: " + file.getDescription() + " is no Avro schema: " + e.getMessage()
                    + ". Next: correct that file; it must not need another one");
        }
    }

    private void add(Schema schema, String file) {
        if (schema.getType() != Schema.Type.RECORD) {
            mistakes.add("dualwrite.avro.schemas: " + file + " has a schema of type "
                    + schema.getType().getName() + ", expected a record. Next: correct that file");
            return;
        }
        SchemaMark mark = SchemaMark.of(schema);
        Schema other = schemas.putIfAbsent(mark, schema);
        String otherFile = files.putIfAbsent(mark, file);
        if (other != null && !LogicalTypes.of(other).equals(LogicalTypes.of(schema))) {
            mistakes.add("dualwrite.avro.schemas: " + otherFile + " and " + file + " differ in their logical types"
                    + " only, so their payloads could not be told apart (Avro's fingerprint leaves those out). Next:"
                    + " give one of the two another name or namespace");
        }
    }
}
