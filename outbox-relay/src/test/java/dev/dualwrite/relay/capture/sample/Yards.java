package dev.dualwrite.relay.capture.sample;

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;

/** Metres in Java, a text in yards in the database. */
@Converter
public class Yards implements AttributeConverter<Integer, String> {

    @Override
    public String convertToDatabaseColumn(Integer metres) {
        return metres == null ? null : metres * 1000 + " milliyards";
    }

    @Override
    public Integer convertToEntityAttribute(String column) {
        return column == null ? null : Integer.parseInt(column.split(" ", 2)[0]) / 1000;
    }
}
