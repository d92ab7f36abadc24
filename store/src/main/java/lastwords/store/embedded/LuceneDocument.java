package lastwords.store.embedded;

import lastwords.kernel.Crash;
import lastwords.kernel.Frame;
import lastwords.kernel.KernelMessage;
import lastwords.store.Words;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.SortedSetDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;

/// A message or a crash as Lucene keeps it.
///
/// A keyword is there twice: in lower case for searching, and as it was written for counting.
final class LuceneDocument {
  static final String POSITION = "position";
  static final String RECEIVED_AT = "received_at";

  /// A message's place in the order in which messages were written to the index.
  static final String WRITTEN = "written";

  /// The whole message, see [LuceneMessage].
  static final String MESSAGE = "message";

  static final String ID = "id";

  private static final FieldType TEXT = type(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS, true);
  private static final FieldType KEYWORD = type(IndexOptions.DOCS, false);

  private final Document document = new Document();

  private LuceneDocument(long position, long receivedAtMicros) {
    number(POSITION, position);
    number(RECEIVED_AT, receivedAtMicros);
  }

  static Document of(KernelMessage message, long written) {
    LuceneDocument to = new LuceneDocument(message.position(), message.receivedAtMicros());
    to.number(WRITTEN, written);
    to.document.add(new StoredField(MESSAGE, LuceneMessage.write(message)));
    to.text("text", message.text());
    to.keyword("host", message.host());
    to.keyword("address", message.address());
    to.keyword("boot", message.boot());
    to.keyword("release", message.release());
    to.keyword("task", message.task());
    to.keyword("caller", message.caller());
    to.smallNumber("severity", message.severity());
    to.smallNumber("facility", message.facility());
    to.smallNumber("cpu", message.cpu());
    message.dictionary().forEach(to::userdata);
    message.userdata().forEach(to::userdata);
    return to.document;
  }

  /// @throws IllegalArgumentException when the crash has no id, position or time: it is from no
  ///   collector
  static Document of(Crash crash) {
    String id = crash.id();
    Long position = crash.position();
    Long receivedAtMicros = crash.receivedAtMicros();
    if (id == null || position == null || receivedAtMicros == null) {
      throw new IllegalArgumentException("a crash without id, position or time: " + crash.title());
    }
    LuceneDocument to = new LuceneDocument(position, receivedAtMicros);
    to.document.add(new StoredField(ID, id));
    to.keyword(ID, id);
    to.text("title", crash.title());
    to.text("report", String.join("\n", crash.report()));
    to.text("hardware", crash.hardware());
    to.keyword("kind", crash.kind());
    to.keyword("category", crash.category().toString());
    String severity = LuceneField.ofCrashes("severity").term(crash.severity().toString());
    to.add("severity", severity, severity);
    to.keyword("signature", crash.signature());
    to.keyword("host", crash.host());
    to.keyword("host_source", crash.hostSource() == null ? null : crash.hostSource().toString());
    to.keyword("claimed_host", crash.claimedHost());
    to.keyword("address", crash.address());
    to.keyword("release", crash.kernel());
    to.keyword("guilty", crash.guilty());
    to.keyword("comm", crash.comm());
    to.keyword("tainted", crash.tainted());
    to.keyword("panicked", Boolean.toString(crash.panicked()));
    to.keyword("suppressed", Boolean.toString(crash.suppressed()));
    crash.modules().forEach(module -> to.keyword("module", module));
    crash.frames().stream()
        .map(Frame::function)
        .distinct()
        .forEach(function -> to.keyword("function", function));
    return to.document;
  }

  private void text(String field, @Nullable String text) {
    if (text != null) {
      document.add(new Field(field, text, TEXT));
    }
  }

  private void keyword(String field, @Nullable String value) {
    if (value != null) {
      String cut = LuceneField.cut(value);
      add(field, Words.lower(cut), cut);
    }
  }

  /// Absent when negative.
  private void smallNumber(String field, int value) {
    if (value >= 0) {
      String digits = LuceneField.digits(value);
      add(field, digits, digits);
    }
  }

  private void userdata(String key, String value) {
    String before = LuceneField.keyword(key) + "=";
    String cut = LuceneField.cut(value);
    add(LuceneField.USERDATA, before + Words.lower(cut), before + cut);
  }

  private void add(String field, String searched, String counted) {
    document.add(new Field(field, new BytesRef(searched), KEYWORD));
    document.add(new SortedSetDocValuesField(field, new BytesRef(counted)));
  }

  private void number(String field, long value) {
    document.add(NumericDocValuesField.indexedField(field, value));
  }

  private static FieldType type(IndexOptions options, boolean tokenized) {
    FieldType type = new FieldType();
    type.setIndexOptions(options);
    type.setTokenized(tokenized);
    type.setOmitNorms(true);
    type.freeze();
    return type;
  }
}
