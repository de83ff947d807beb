package dev.dualwrite.spring.jpa;

import org.hibernate.bytecode.enhance.spi.interceptor.LazyAttributeLoadingInterceptor;
import org.hibernate.bytecode.spi.BytecodeEnhancementMetadata;
import org.hibernate.persister.entity.EntityPersister;

/** The attributes that a bytecode-enhanced entity loads when they are read. */
final class LazyAttributes {

    private LazyAttributes() {}

    /** Loads those that are not there yet, by one query for each group of them: a getter alone would find null. */
    static void load(EntityPersister type, Object entity) {
        BytecodeEnhancementMetadata enhancement = type.getBytecodeEnhancementMetadata();
        if (!enhancement.isEnhancedForLazyLoading()) {
            return;
        }
        LazyAttributeLoadingInterceptor interceptor = enhancement.extractInterceptor(entity);
        if (interceptor == null) {
            return;
        }
        type.getAttributeMappings().forEach(attribute -> {
            if (!enhancement.isAttributeLoaded(entity, attribute.getAttributeName())) {
                interceptor.fetchAttribute(entity, attribute.getAttributeName());
            }
        });
    }
}
