package lastwords.api;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import lastwords.json.Json;
import lastwords.query.Page;
import org.jspecify.annotations.Nullable;

/// An answer as JSON, in memory.
///
/// A page ends with the item that brings it to [#MAX_BYTES]; it then has fewer items than were
/// asked for, and its `next` continues behind the last one. A list without further pages is marked
/// `partial` instead. One object is as large as its source lets it be.
final class JsonAnswer {
  /// Of a page in JSON: large enough for 1,000 messages or 100 crashes of the usual size.
  static final int MAX_BYTES = 4 << 20;

  private static final int FIRST_BYTES = 8 << 10;

  private final ByteArrayOutputStream json = new ByteArrayOutputStream(FIRST_BYTES);

  private JsonAnswer() {}

  static JsonAnswer of(Object value) {
    JsonAnswer answer = new JsonAnswer();
    try (JsonGenerator to = Json.generator(answer.json)) {
      to.writePOJO(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return answer;
  }

  /// @param lacks why the page is not whole; null when it is
  static <T> JsonAnswer of(Page<T> page, @Nullable String lacks) {
    JsonAnswer answer = new JsonAnswer();
    try (JsonGenerator to = Json.generator(answer.json)) {
      answer.write(page, lacks, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return answer;
  }

  private <T> void write(Page<T> page, @Nullable String lacks, JsonGenerator to)
      throws IOException {
    String next = page.next();
    String reason = lacks;
    to.writeStartObject();
    to.writeArrayFieldStart("items");
    int written = 0;
    for (T item : page.items()) {
      to.writePOJO(item);
      to.flush();
      written++;
      if (json.size() >= MAX_BYTES && written < page.items().size()) {
        if (page.cursor() == null) {
          reason = "the answer reached %d MiB; ask for less".formatted(MAX_BYTES >> 20);
        } else {
          next = page.cursor().apply(item);
        }
        break;
      }
    }
    to.writeEndArray();
    if (next != null) {
      to.writeStringField("next", next);
    }
    if (reason != null) {
      to.writeBooleanField("partial", true);
      to.writeStringField("partial_reason", reason);
    }
    to.writeEndObject();
  }

  int bytes() {
    return json.size();
  }

  void writeTo(OutputStream to) throws IOException {
    json.writeTo(to);
  }
}
