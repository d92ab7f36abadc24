package lastwords.json;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.AnnotatedField;
import com.fasterxml.jackson.databind.introspect.AnnotatedMethod;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.BeanPropertyWriter;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.HostSource;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.kernel.Severity;
import lastwords.kernel.Signature;
import lastwords.kernel.Triage;

/// Writes and reads JSON by the rules of the outside: `snake_case`, times as RFC 3339 UTC with
/// microseconds, absent values left out.
///
/// A record's component `receivedAtMicros` is the field `received_at`, `uptimeMicros` the number
/// `uptime_us`, a `position` the text of [Position#text]. Enums read in lower case. Null, empty
/// lists and maps, and -1 in a [KernelMessage] are left out.
public final class Json {
  /// RFC 3339 UTC, always six digits of a second.
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder().appendInstant(6).toFormatter(Locale.ROOT);

  private static final ObjectMapper MAPPER = mapper();

  private Json() {}

  /// One line of JSON.
  public static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not writable as JSON: " + value.getClass(), e);
    }
  }

  /// Writes JSON to a stream, in UTF-8, as it goes: objects with `writePOJO`.
  public static JsonGenerator generator(OutputStream to) throws IOException {
    return MAPPER.createGenerator(to);
  }

  /// @throws IllegalArgumentException when the text isn't JSON of that type; says where
  public static <T> T read(String json, Class<T> type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /// The value as a tree, for adding or taking fields.
  public static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /// For libraries that want a mapper of their own.
  public static ObjectMapper newMapper() {
    return MAPPER.copy();
  }

  public static String time(long micros) {
    return TIME.format(instant(micros));
  }

  public static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  public static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  private static ObjectMapper mapper() {
    SimpleModule module = new SimpleModule();
    module.setSerializerModifier(new Shapes());
    for (Class<?> lowerCase :
        List.of(
            Category.class,
            Severity.class,
            HostSource.class,
            Signature.State.class,
            Delivery.State.class,
            Triage.Suspect.class)) {
      module.addSerializer(lowerCase, new ToText());
    }
    module.setMixInAnnotation(Crash.class, CrashShape.class);
    module.setMixInAnnotation(KernelMessage.class, MessageShape.class);
    JsonMapper mapper =
        JsonMapper.builder()
            .addModule(module)
            .propertyNamingStrategy(new Names())
            .configure(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS, true)
            .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false)
            .defaultPropertyInclusion(
                JsonInclude.Value.construct(
                    JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
            .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
            .build();
    for (Class<?> container : List.of(List.class, Map.class, Collection.class)) {
      mapper
          .configOverride(container)
          .setInclude(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_EMPTY, JsonInclude.Include.ALWAYS))
          .setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY));
    }
    return mapper;
  }

  /// `receivedAtMicros` → `received_at`, `uptimeMicros` → `uptime_us`, the rest → snake case.
  private static final class Names extends PropertyNamingStrategies.SnakeCaseStrategy {
    private static final long serialVersionUID = 1;

    @Override
    public String nameForField(MapperConfig<?> config, AnnotatedField field, String name) {
      return outside(name);
    }

    @Override
    public String nameForGetterMethod(MapperConfig<?> config, AnnotatedMethod m, String name) {
      return outside(name);
    }

    @Override
    public String nameForConstructorParameter(
        MapperConfig<?> config, AnnotatedParameter p, String name) {
      return outside(name);
    }

    private String outside(String name) {
      if (name.equals("uptimeMicros")) {
        return "uptime_us";
      }
      return translate(
          name.endsWith("Micros") ? name.substring(0, name.length() - "Micros".length()) : name);
    }
  }

  /// Times and positions as text, and -1 as absent.
  private static final class Shapes extends BeanSerializerModifier {
    private static final long serialVersionUID = 1;

    @Override
    public List<BeanPropertyWriter> changeProperties(
        SerializationConfig config, BeanDescription bean, List<BeanPropertyWriter> properties) {
      for (int i = 0; i < properties.size(); i++) {
        BeanPropertyWriter property = properties.get(i);
        String name = property.getMember().getName();
        if (name.endsWith("Micros") && !name.equals("uptimeMicros")) {
          property.assignSerializer(new Time());
        } else if (name.equals("position")) {
          property.assignSerializer(new PositionText());
        }
        if (bean.getBeanClass() == KernelMessage.class) {
          properties.set(i, new WithoutMinusOne(property));
        }
      }
      return properties;
    }
  }

  private static final class WithoutMinusOne extends BeanPropertyWriter {
    private static final long serialVersionUID = 1;

    WithoutMinusOne(BeanPropertyWriter of) {
      super(of);
    }

    @Override
    public void serializeAsField(Object bean, JsonGenerator to, SerializerProvider with)
        throws Exception {
      if (!(get(bean) instanceof Number number) || number.longValue() != -1) {
        super.serializeAsField(bean, to, with);
      }
    }
  }

  private static final class Time extends JsonSerializer<Object> {
    @Override
    public void serialize(Object micros, JsonGenerator to, SerializerProvider with)
        throws IOException {
      to.writeString(time(((Number) micros).longValue()));
    }
  }

  private static final class PositionText extends JsonSerializer<Object> {
    @Override
    public void serialize(Object position, JsonGenerator to, SerializerProvider with)
        throws IOException {
      to.writeString(Position.text(((Number) position).longValue()));
    }
  }

  private static final class ToText extends JsonSerializer<Object> {
    @Override
    public void serialize(Object value, JsonGenerator to, SerializerProvider with)
        throws IOException {
      to.writeString(value.toString());
    }
  }

  private static final class FromTime extends JsonDeserializer<Long> {
    @Override
    public Long deserialize(JsonParser from, DeserializationContext with) throws IOException {
      return micros(Instant.parse(from.getText()));
    }
  }

  private static final class FromPositionText extends JsonDeserializer<Long> {
    @Override
    public Long deserialize(JsonParser from, DeserializationContext with) throws IOException {
      return Position.parse(from.getText());
    }
  }

  /// A message has its host's name alone: what the name is based on is in its host and its crashes.
  @SuppressWarnings("unused") // read by Jackson
  private interface MessageShape {
    @JsonIgnore
    HostSource hostSource();

    @JsonIgnore
    String claimedHost();
  }

  /// How a crash is read back: what [Shapes] wrote.
  @SuppressWarnings("unused") // read by Jackson
  private interface CrashShape {
    @JsonDeserialize(using = FromTime.class)
    Long receivedAtMicros();

    @JsonDeserialize(using = FromPositionText.class)
    Long position();
  }
}
