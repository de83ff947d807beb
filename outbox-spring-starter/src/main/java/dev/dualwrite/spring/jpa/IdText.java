package dev.dualwrite.spring.jpa;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.util.List;
import org.hibernate.metamodel.mapping.JdbcMapping;
import org.hibernate.type.CustomType;
import org.hibernate.type.descriptor.java.BasicPluralJavaType;
import org.hibernate.type.descriptor.java.BlobJavaType;
import org.hibernate.type.descriptor.java.ClobJavaType;
import org.hibernate.type.descriptor.java.JavaType;
import org.hibernate.type.descriptor.java.NClobJavaType;
import org.hibernate.type.descriptor.java.ObjectJavaType;
import org.hibernate.type.descriptor.java.SerializableJavaType;
import org.hibernate.type.descriptor.java.spi.UnknownBasicJavaType;
import org.hibernate.type.internal.UserTypeJavaTypeWrapper;
import org.hibernate.usertype.EnhancedUserType;

/**
 * The text of one basic value, and the value of a text.
 *
 * @param type Hibernate's type of it
 * @param converted whether the text is that of the stored value, behind a converter
 */
record IdText(JdbcMapping type, boolean converted) {

    private static final List<Class<?>> WITHOUT_TEXT = List.of(
            SerializableJavaType.class,
            UnknownBasicJavaType.class,
            ObjectJavaType.class,
            BasicPluralJavaType.class,
            BlobJavaType.class,
            ClobJavaType.class,
            NClobJavaType.class);

    static IdText of(String name, JdbcMapping mapping) {
        var text = new IdText(mapping, mapping.getValueConverter() != null);
        JavaType<?> type = text.javaType();
        boolean none = type.getJavaTypeClass().isArray()
                || WITHOUT_TEXT.stream().anyMatch(without -> without.isInstance(type))
                || (type instanceof UserTypeJavaTypeWrapper<?> && !isEnhanced(mapping));
        if (none) {
            throw new IllegalArgumentException("'" + name + "' of its identifier is of type " + type.getTypeName()
                    + ", which has no text form. Next: use a number, a text, a UUID, an enum or a date, or write an"
                    + " EnhancedUserType or an AttributeConverter to one of these");
        }
        return text;
    }

    private static boolean isEnhanced(JdbcMapping mapping) {
        return mapping instanceof CustomType<?> custom && custom.getUserType() instanceof EnhancedUserType<?>;
    }

    String of(Object value) {
        Object stored = converted ? type.convertToRelationalValue(value) : value;
        // One number: 1.0 in the object that was saved is 1.00 in the one that was loaded.
        if (stored instanceof BigDecimal number) {
            return number.stripTrailingZeros().toPlainString();
        }
        return text(javaType(), stored);
    }

    Object parse(String text) {
        Object stored = javaType().fromString(text);
        return converted ? requireNonNull(type.convertToDomainValue(stored), "converted id") : stored;
    }

    private JavaType<?> javaType() {
        return converted ? type.getJdbcJavaType() : type.getJavaTypeDescriptor();
    }

    private static <T> String text(JavaType<T> type, Object value) {
        return type.toString(type.cast(value));
    }
}
