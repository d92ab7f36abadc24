package lastwords.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import lastwords.decode.Decoded.Basic;
import lastwords.decode.Decoded.Fragment;
import lastwords.decode.Decoded.Malformed;
import lastwords.kernel.Visible;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DecoderTest {
  @Test
  void extendedRecordHasPrioritySequenceAndTime() {
    Extended record = extended("12,379,4554024,-;hello world plain\n");

    assertThat(record.facility()).isEqualTo(1);
    assertThat(record.severity()).isEqualTo(4);
    assertThat(record.sequence()).isEqualTo(379);
    assertThat(record.uptimeMicros()).isEqualTo(4554024);
    assertThat(record.release()).isNull();
    assertThat(body(record).text()).isEqualTo("hello world plain");
  }

  @Test
  void releaseMayStandInFront() {
    assertThat(extended("7.2.13+deb14-cloud-amd64,12,399,5725837,-;x\n").release())
        .isEqualTo("7.2.13+deb14-cloud-amd64");
    assertThat(extended("6.12.0_rc1~3,12,399,5725837,c;x\n").release()).isEqualTo("6.12.0_rc1~3");
  }

  @Test
  void callerIsReadAndUnknownKeysArePassedOver() {
    Extended record = extended("6,380,1,-,caller=T89,ncemg=1,new.key=7;x\n");

    assertThat(record.caller()).isEqualTo("T89");
    assertThat(body(record).text()).isEqualTo("x");
  }

  @Test
  void pieceSaysWhereItBelongs() {
    Extended record = extended("6,416,1758426,-,ncfrag=16/31; the 2nd chunk.");

    assertThat(record.fragment()).isEqualTo(new Fragment(16, 31));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "6,416,1,-,ncfrag=16/31;longer than its total",
        "6,416,1,-,ncfrag=-1/31;x",
        "6,416,1,-,ncfrag=2147483647/2147483647;x",
        "6,416,1,-,ncfrag=0/0;x",
        "6,416,1,-,ncfrag=0;x",
        "6,416,1,-,ncfrag=0/99999999999;x",
        "6,416,1,-,ncfrag=0/200000;x",
        "6,416,1,-,ncfrag=0/10;",
      })
  void pieceThatDoesNotFitItsOwnTotalIsMalformed(String datagram) {
    assertThat(Decoder.decode(bytes(datagram))).isInstanceOf(Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "6;text",
        "6,1,1;text",
        "6,1,x,-;text",
        "1024,1,1,-;text",
        "6,99999999999999999999,1,-;text",
        "-6,1,1,-;text",
        "6.1,8,1,1;text",
        "a b,6,1,1,-;text",
        ",6,1,1,-;text",
      })
  void brokenHeaderStaysALineThatPeopleCanSee(String datagram) {
    Basic basic = (Basic) Decoder.decode(bytes(datagram));

    assertThat(basic.lines().getFirst().text()).isEqualTo(datagram);
  }

  @Test
  void nothingAndNothingButNulBytesAreMalformed() {
    assertThat(Decoder.decode(new byte[0])).isInstanceOf(Malformed.class);
    assertThat(Decoder.decode(bytes("\0\0\0"))).isInstanceOf(Malformed.class);
  }

  @Test
  void noTextOfAHostHasACharacterThatIsNotVisible() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (Visible.is(c) || c == '\n' || c == '\t' || (c >= 0xd800 && c < 0xe000)) {
        continue;
      }
      String sent = "a" + Character.toString(c) + "b";
      byte[] datagram =
          "6,1,1,-,caller=%s;%s\n KEY%s=%s\n".formatted(sent, sent, sent, sent).getBytes(UTF_8);
      Decoded decoded = Decoder.decode(datagram);
      Body body = Body.parse((sent + "\n K=" + sent + "\n").getBytes(UTF_8));
      List<String> texts = new ArrayList<>(List.of(body.text()));
      texts.addAll(body.dictionary().values());
      texts.addAll(body.userdata().values());
      if (decoded instanceof Basic basic) {
        basic.lines().forEach(line -> texts.add(line.text()));
      } else if (decoded instanceof Extended extended && extended.caller() != null) {
        texts.add(extended.caller());
      }
      assertThat(texts)
          .as("U+%04X", c)
          .allMatch(text -> text.codePoints().allMatch(p -> Visible.is(p) || p == '\n'));
    }
  }

  @Test
  void binaryDataWithNulBytesIsMalformedAndATextFilledUpWithThemIsNot() {
    byte[] binary = new byte[400];
    new Random(1).nextBytes(binary);
    binary[7] = 0;
    assertThat(Decoder.decode(binary)).isInstanceOf(Malformed.class);

    assertThat(Decoder.decode(bytes("BUG: unable to handle" + "\0".repeat(979))))
        .isInstanceOf(Basic.class);
  }

  @Test
  void nulByteHidesNoLine() {
    Decoded.Line line =
        basic("\0[    1.000000] Kernel panic - not syncing: x\0\0").lines().getFirst();

    assertThat(line.text()).isEqualTo("Kernel panic - not syncing: x");
    assertThat(line.uptimeMicros()).isEqualTo(1_000_000);
    assertThat(basic("tex\0t\n\0second\0\n").lines())
        .extracting(Decoded.Line::text)
        .containsExactly("tex\\x00t", "second");
  }

  @Test
  void textLongerThanAKernelCanSendIsCutAndSaysSo() {
    Body body = body(extended("6,1,1,-;" + "x".repeat(Decoder.MAX_TEXT_CHARS + 5) + "\n K=v\n"));

    assertThat(body.text()).isEqualTo("x".repeat(Decoder.MAX_TEXT_CHARS) + "[... 5 bytes cut ...]");
    assertThat(body.cut()).isTrue();
    assertThat(body.userdata()).containsEntry("K", "v");
    assertThat(body(extended("6,1,1,-;" + "x".repeat(Decoder.MAX_TEXT_CHARS) + "\n")).cut())
        .isFalse();
  }

  @Test
  void largestTextOfAKernelIsWholeWhateverItsBytes() {
    String escaped = "\\x1b".repeat(2_048);
    Body body = body(extended("6,1,1,-;" + escaped + "\n"));

    assertThat(body.text()).isEqualTo(escaped);
    assertThat(body.cut()).isFalse();
  }

  @Test
  void bytesThatHaveToBeEscapedMakeNoTextLongerThanItsBound() {
    int most = Decoder.MAX_TEXT_CHARS + 40;
    String junk = "\u00ff".repeat(60_000);

    assertThat(body(extended("6,1,1,-;" + junk)).text()).hasSizeLessThan(most);
    Basic basic = basic(("\u00ff".repeat(1_000) + "\n").repeat(60));
    assertThat(basic.cut()).isTrue();
    assertThat(basic.lines()).allMatch(line -> line.text().length() < most);
    assertThat(basic.lines().stream().mapToInt(line -> line.text().length()).sum())
        .isLessThan(Decoder.MAX_BASIC_CHARS + 80);
    Basic plain = basic("a line of a relay\n".repeat(1_000));
    assertThat(plain.lines()).hasSize(1_000).allMatch(line -> line.text().endsWith("relay"));
    assertThat(plain.cut()).isFalse();
  }

  @Test
  void namesAndUserdataAreNoLongerAndNoMoreThanAKernelAllows() {
    String junk = "\u00ff".repeat(5_000);
    StringBuilder userdata = new StringBuilder();
    for (int i = 0; i < 3_000; i++) {
      userdata.append(" key").append(i).append("=v\n");
    }
    Extended record =
        extended("6,1,1,-,caller=" + "T".repeat(100) + ";x\n " + junk + "=v\n k=" + junk + "\n");
    Body body = body(record);

    assertThat(record.caller()).isNull();
    assertThat(body.userdata()).containsOnlyKeys("k");
    assertThat(body.userdata().get("k"))
        .hasSizeLessThan(Words.MAX_CHARS + 40)
        .endsWith(" cut ...]");
    assertThat(body.cut()).isTrue();
    assertThat(body(extended("6,1,1,-;x\n taskname=" + junk + "\n")).task()).isNull();
    Body many = body(extended("6,1,1,-;x\n" + userdata));
    assertThat(many.userdata()).hasSize(258);
    assertThat(many.cut()).isTrue();
  }

  @Test
  void dictionaryUserdataAndSysdataAreToldApart() {
    Body body =
        Body.parse(
            bytes(
                "text\n"
                    + " SUBSYSTEM=pci\n"
                    + " DEVICE=+pci:0000:00:02.0\n"
                    + " rack=r7\n"
                    + " cpu=mine\n"
                    + " release=rel=1\n"
                    + " cpu=1\n"
                    + " taskname=sh\n"
                    + " release=7.2.13\n"
                    + " msgid=39\n"));

    assertThat(body.text()).isEqualTo("text");
    assertThat(body.dictionary())
        .isEqualTo(Map.of("SUBSYSTEM", "pci", "DEVICE", "+pci:0000:00:02.0"));
    assertThat(body.userdata()).isEqualTo(Map.of("rack", "r7", "cpu", "mine", "release", "rel=1"));
    assertThat(body.cpu()).isEqualTo(1);
    assertThat(body.task()).isEqualTo("sh");
    assertThat(body.release()).isEqualTo("7.2.13");
    assertThat(body.msgid()).isEqualTo(39);
  }

  @Test
  void userdataThatOnlyLooksLikeSysdataStaysUserdata() {
    Body body = Body.parse(bytes("text\n cpu=mine\n"));

    assertThat(body.cpu()).isEqualTo(-1);
    assertThat(body.userdata()).containsEntry("cpu", "mine");
  }

  @Test
  void escapesAreUndone() {
    assertThat(Body.parse(bytes("utf8 \\xc3\\xa9 tab\\x09here esc\\x5cx two\\x0alines\n")).text())
        .isEqualTo("utf8 é tab\there esc\\x two\nlines");
  }

  @Test
  void bytesThatAreNoUtf8AndControlCharactersStayReadable() {
    assertThat(Body.parse(bytes("bad \\xc3( bell\\x07 esc\\x1b[31m\n")).text())
        .isEqualTo("bad \\xc3( bell\\x07 esc\\x1b[31m");
    assertThat(basic("raw \u00ff\u00e9 \u001b[0m\n").lines().getFirst().text())
        .isEqualTo("raw \\xff\\xe9 \\x1b[0m");
  }

  @Test
  void textCutInsideAnEscapeIsFollowedByUserdataAtOnce() {
    Body body = Body.parse(bytes("han \\xe6\\xbc\\xa2\\  rack=r17\n role=db\n"));

    assertThat(body.text()).isEqualTo("han 漢");
    assertThat(body.truncated()).isTrue();
    assertThat(body.userdata()).isEqualTo(Map.of("rack", "r17", "role", "db"));
    assertThat(Body.parse(bytes("han \\xe6\\xbc\\xa2\\ ")).text()).isEqualTo("han 漢");
  }

  @Test
  void basicLineHasATimeAndMayHaveALevelAndACaller() {
    Decoded.Line plain = basic("[    4.554024] hello world plain\n").lines().getFirst();
    assertThat(plain.uptimeMicros()).isEqualTo(4554024);
    assertThat(plain.text()).isEqualTo("hello world plain");
    assertThat(plain.severity()).isEqualTo(-1);
    assertThat(plain.ended()).isTrue();

    Decoded.Line syslog = basic("<4>[12345.000001][   T89] x").lines().getFirst();
    assertThat(syslog.severity()).isEqualTo(4);
    assertThat(syslog.facility()).isZero();
    assertThat(syslog.uptimeMicros()).isEqualTo(12345000001L);
    assertThat(syslog.caller()).isEqualTo("T89");
    assertThat(syslog.text()).isEqualTo("x");
  }

  @Test
  void lineThatFillsItsDatagramGoesOnInTheNext() {
    assertThat(basic("x".repeat(1000)).lines().getFirst().ended()).isFalse();
    assertThat(basic("x".repeat(999) + "\n").lines().getFirst().ended()).isTrue();
    assertThat(basic("sent by hand without a newline").lines().getFirst().ended()).isTrue();
  }

  @Test
  void basicDatagramMayHoldSeveralLinesAndIndentation() {
    Basic basic = basic("[    1.000000]  first\n[    1.000000]   second\n");

    assertThat(basic.lines()).extracting(Decoded.Line::text).containsExactly(" first", "  second");
  }

  @Test
  void linesBeyondTheLastThatCanBeToldApartStayInIt() {
    Basic basic = basic("x\n".repeat(5000));

    assertThat(basic.lines()).hasSize(1024);
    assertThat(basic.lines().getLast().text()).hasSize(2 * (5000 - 1023));
  }

  @Test
  void noBytesMakeItThrow() {
    Random random = new Random(4711);
    String start =
        "6.12.95+deb12-amd64,6,380,1953448,-,caller=T1,ncfrag=0/100;te\\x0axt\n K=v\n cpu=1\n";
    for (int i = 0; i < 100_000; i++) {
      byte[] datagram;
      if (i % 2 == 0) {
        datagram = new byte[random.nextInt(200)];
        random.nextBytes(datagram);
      } else {
        datagram = bytes(start);
        for (int j = random.nextInt(6); j >= 0; j--) {
          datagram[random.nextInt(datagram.length)] = (byte) random.nextInt(256);
        }
      }
      if (Decoder.decode(datagram) instanceof Extended record) {
        record.body();
      }
    }
  }

  private static Extended extended(String datagram) {
    return (Extended) Decoder.decode(bytes(datagram));
  }

  private static Basic basic(String datagram) {
    return (Basic) Decoder.decode(bytes(datagram));
  }

  private static Body body(Extended record) {
    return record.body();
  }

  private static byte[] bytes(String latin1) {
    return latin1.getBytes(ISO_8859_1);
  }
}
