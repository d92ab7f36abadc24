package lastwords.alert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import lastwords.json.Json;

/// Makes what is sent small: a receiver gets what it decides by, and a link to the rest.
///
/// What is cut is named in the field `cut`. Lists go by halves, the least telling list first; the
/// last words lose their oldest lines, everything else its end.
final class Thin {
  /// What Standard Webhooks asks for: below 20 kB.
  static final int MAX_BYTES = 20_000;

  /// Longest text kept when cutting lists wasn't enough; nothing of a robot's needs more.
  static final int MAX_TEXT_CHARS = 200;

  private static final String KEEPS_ITS_END = "last_words";
  private static final List<String> CUTTABLE =
      List.of(KEEPS_ITS_END, "report", "modules", "frames", "alt_titles", "signatures", "attrs");

  private Thin() {}

  /// Cuts `data`, a part of `event`, until the event fits.
  static void cut(ObjectNode event, ObjectNode data) {
    for (String field : CUTTABLE) {
      if (fits(event)) {
        return;
      }
      JsonNode value = data.get(field);
      if (value instanceof ArrayNode list) {
        data.withArray("cut").add(field);
        halve(event, list, field.equals(KEEPS_ITS_END));
      } else if (value != null) {
        data.withArray("cut").add(field);
        data.remove(field);
      }
    }
    if (!fits(event)) {
      for (Map.Entry<String, JsonNode> field : data.properties()) {
        if (field.getValue().isTextual()) {
          field.setValue(data.textNode(text(field.getValue().textValue(), MAX_TEXT_CHARS)));
        }
      }
      data.withArray("cut").add("texts");
    }
  }

  /// At most that many chars, the last one an ellipsis where something was cut.
  static String text(String text, int maxChars) {
    if (text.length() <= maxChars) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(maxChars - 2)) ? maxChars - 2 : maxChars - 1;
    return text.substring(0, end) + "…";
  }

  private static void halve(ObjectNode event, ArrayNode list, boolean keepEnd) {
    while (!list.isEmpty() && !fits(event)) {
      int drop = (list.size() + 1) / 2;
      for (int i = 0; i < drop; i++) {
        list.remove(keepEnd ? 0 : list.size() - 1);
      }
    }
  }

  private static boolean fits(ObjectNode event) {
    return Json.write(event).getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
  }
}
