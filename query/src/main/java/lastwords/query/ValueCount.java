package lastwords.query;

/// How many messages have a value in some field.
public record ValueCount(String value, long count) {}
