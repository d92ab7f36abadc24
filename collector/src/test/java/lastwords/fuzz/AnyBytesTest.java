package lastwords.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lastwords.capture.CaptureReader;
import lastwords.decode.Body;
import lastwords.decode.Decoded;
import lastwords.decode.Decoder;
import lastwords.decode.Extended;
import lastwords.detect.Analyzer;
import lastwords.detect.Counters;
import lastwords.detect.Detector;
import lastwords.kernel.Boot;
import lastwords.kernel.Crash;
import lastwords.kernel.Datagram;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;

/// What holds for any bytes. The build replays the inputs kept beside it; with `JAZZER_FUZZ=1` in
/// the environment Jazzer looks for new ones, for the one method named.
final class AnyBytesTest {
  private static final long SECOND = 1_000_000;

  @FuzzTest(maxDuration = "10m")
  void aDatagramIsReadOrRefusedAndItsTextCanBePrinted(byte[] datagram) {
    switch (Decoder.decode(datagram)) {
      case Extended extended -> {
        assertThat(extended.sequence()).isNotNegative();
        assertThat(extended.uptimeMicros()).isNotNegative();
        assertThat(extended.severity()).isBetween(0, 7);
        Decoded.Fragment piece = extended.fragment();
        if (piece != null) {
          assertThat(piece.offset()).isNotNegative();
          assertThat(piece.total() - piece.offset())
              .isGreaterThanOrEqualTo(extended.bytes().length - extended.bodyStart())
              .isLessThanOrEqualTo(Decoder.MAX_BODY_BYTES);
        }
        Body body = extended.body();
        assertPrintable(body.text(), datagram.length);
        body.userdata().forEach((key, value) -> assertPrintable(key + value, datagram.length));
      }
      case Decoded.Basic basic -> {
        assertThat(basic.lines()).isNotEmpty().hasSizeLessThanOrEqualTo(Position.MAX_LINES);
        basic.lines().forEach(line -> assertPrintable(line.text(), datagram.length));
      }
      case Decoded.Malformed malformed -> assertThat(malformed.why()).isNotEmpty();
    }
  }

  @FuzzTest(maxDuration = "10m")
  void readersThatRestartAnywhereSayWhatOneSaysThatNeverDoes(byte[] script) {
    List<Datagram> log = new HostsScript(script).datagrams();
    Told straight = new Told();
    straight.readAll(log);
    Told restarted = new Told();
    restarted.readWithRestarts(log, new HostsScript(script).restarts());

    assertThat(restarted.messages).isEqualTo(straight.messages);
    assertThat(restarted.boots).isEqualTo(straight.boots);
    assertThat(restarted.hosts).isEqualTo(straight.hosts);
    assertThat(straight.taken()).isEqualTo(log.size());
  }

  @FuzzTest(maxDuration = "10m")
  void whateverHostsSendCanBeSavedAndLoadedAndIsHeldWithinBounds(byte[] script) {
    Told told = new Told();
    told.readAndSaveEach(new HostsScript(script).datagrams());

    assertThat(told.failedHosts()).isZero();
  }

  @FuzzTest(maxDuration = "10m")
  void aDetectorThatRestartsBetweenReportsFindsTheSameCrashes(byte[] lines) {
    assertThat(crashes(lines, true)).isEqualTo(crashes(lines, false));
  }

  @FuzzTest(maxDuration = "10m")
  void aCaptureIsReadToItsEndOrToItsDamage(byte[] capture) {
    long read = 0;
    try (CaptureReader reader = CaptureReader.of("capture", new ByteArrayInputStream(capture))) {
      Datagram datagram;
      while ((datagram = reader.next()) != null) {
        assertThat(datagram.offset()).isEqualTo(read++);
        Decoder.decode(datagram.payload());
      }
    } catch (IOException damaged) {
      assertThat(damaged.getMessage()).contains("capture");
    }
  }

  @FuzzTest(maxDuration = "10m")
  void aLogIsReadToItsEndWhateverItIs(byte[] log) throws IOException {
    int lines = 1;
    for (byte b : log) {
      lines += b == '\n' || b == '\r' ? 1 : 0;
    }
    List<Crash> crashes = Analyzer.analyze(new ByteArrayInputStream(log));
    assertThat(crashes.size()).isLessThanOrEqualTo(log.length);
    for (Crash crash : crashes) {
      assertThat(crash.title()).isNotBlank();
      assertThat(crash.signature()).matches("[0-9a-f]{16}");
      assertThat(crash.line()).isGreaterThan(0).isLessThanOrEqualTo(lines);
    }
  }

  private static void assertPrintable(String text, int datagramBytes) {
    // A mark may stand behind a text that was cut.
    assertThat(text.length()).isLessThanOrEqualTo(4 * datagramBytes + 64);
    assertThat(text.length()).isLessThanOrEqualTo(Decoder.MAX_TEXT_CHARS + 64);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      assertThat(c == '\t' || c == '\n' || (c >= ' ' && (c < 0x7f || c > 0x9f))).isTrue();
    }
  }

  /// Line by line; before one that begins with `!` the host is silent, and the program restarts.
  private static Map<String, Crash> crashes(byte[] lines, boolean restart) {
    Map<String, Crash> told = new TreeMap<>();
    Counters counters = new Counters();
    Detector detector = new Detector(c -> told.put(String.valueOf(c.id()), c), counters);
    detector.accept(new Boot("b", "h", "192.0.2.1", 0, 0, null, -1));
    long now = 1_000 * SECOND;
    long number = 0;
    for (String line : new String(lines, ISO_8859_1).split("\n", 1_000)) {
      number++;
      String text = line;
      if (line.startsWith("!")) {
        text = line.substring(1);
        now += 120 * SECOND;
        detector.advance(now);
        if (restart && detector.isAtRest()) {
          byte[] saved = detector.save();
          detector = new Detector(c -> told.put(String.valueOf(c.id()), c), counters);
          detector.load(saved);
        }
      }
      now += 1_000;
      String caller = text.startsWith("T") ? "T1" : text.startsWith("C") ? "C1" : null;
      detector.accept(
          new KernelMessage(
              Position.of(number, 0),
              now,
              "h",
              "192.0.2.1",
              "b",
              0,
              4,
              number,
              now - 900 * SECOND,
              caller,
              -1,
              null,
              null,
              text,
              Map.of(),
              Map.of()));
    }
    detector.end();
    return told;
  }
}
