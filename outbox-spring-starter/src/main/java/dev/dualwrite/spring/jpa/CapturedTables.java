package dev.dualwrite.spring.jpa;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.hibernate.metamodel.MappingMetamodel;
import org.hibernate.persister.collection.CollectionPersister;
import org.hibernate.persister.entity.EntityPersister;

/** The tables that hold captured entities and their collections. */
final class CapturedTables {

    private final MappingMetamodel metamodel;

    CapturedTables(MappingMetamodel metamodel) {
        this.metamodel = metamodel;
    }

    /** Names of the entities by table. */
    Map<String, Set<String>> of(Collection<EntityPersister> captured) {
        var tables = new HashMap<String, Set<String>>();
        var names = new HashSet<String>();
        for (EntityPersister entity : captured) {
            names.add(entity.getEntityName());
            entity.forEachMutableTable(table -> add(tables, table.getTableName(), entity.getEntityName()));
        }
        metamodel.forEachCollectionDescriptor(collection -> {
            String owner = collection.getOwnerEntityPersister().getEntityName();
            if (names.contains(owner) && hasTable(collection)) {
                add(tables, collection.getAttributeMapping().getSeparateCollectionTable(), owner);
            }
        });
        return tables;
    }

    private static boolean hasTable(CollectionPersister collection) {
        return !collection.isInverse() && collection.getAttributeMapping().getSeparateCollectionTable() != null;
    }

    private static void add(Map<String, Set<String>> tables, String table, String entity) {
        tables.computeIfAbsent(table, name -> new TreeSet<>()).add(entity);
    }
}
