package lastwords.assemble;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import lastwords.decode.Decoder;
import lastwords.decode.Extended;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FragmentsTest {
  private final Fragments fragments = new Fragments();

  @Test
  void overlappingPiecesAreJoined() {
    assertThat(add(1, 0, 10, "abcd")).isNull();
    assertThat(add(1, 2, 10, "cdefg")).isNull();
    assertThat(body(add(1, 4, 10, "efghij"))).isEqualTo("abcdefghij");
    assertThat(fragments.isEmpty()).isTrue();
  }

  @Test
  void holesAreMarked() {
    add(1, 2, 10, "cd");
    add(1, 6, 10, "gh");

    assertThat(body(fragments.expire(Long.MAX_VALUE)))
        .isEqualTo(
            "[... 2 bytes missing ...]cd[... 2 bytes missing ...]gh[... 2 bytes missing ...]");
  }

  @Test
  void oneRecordMoreThanTheBoundPushesOutTheOldest() {
    for (int i = 0; i <= Fragments.MAX_RECORDS; i++) {
      add(i, 0, 10, "abc");
    }

    assertThat(fragments.isFull()).isTrue();
    assertThat(Objects.requireNonNull(fragments.expire(0)).header.sequence()).isZero();
    assertThat(fragments.expire(0)).isNull();
  }

  @Test
  void moreBytesThanTheBoundPushOutTheOldest() {
    String piece = "x".repeat(60_000);
    for (int i = 0; i < 5; i++) {
      add(i, 0, 90_000, piece);
    }

    assertThat(fragments.isFull()).isTrue();
    assertThat(Objects.requireNonNull(fragments.expire(0)).header.sequence()).isZero();
    assertThat(fragments.isFull()).isFalse();
  }

  @Test
  void piecesOfAByteDoNotPileUp() {
    for (int i = 0; i < 90_000; i++) {
      assertThat(add(1, i, 90_000, "x")).isNull();
    }

    assertThat(body(fragments.expire(Long.MAX_VALUE)))
        .isEqualTo(
            "x".repeat(Fragments.MAX_PIECES)
                + "[... %d bytes missing ...]".formatted(90_000 - Fragments.MAX_PIECES));
  }

  private Fragments.@Nullable Pending add(long sequence, int offset, int total, String text) {
    byte[] datagram =
        "6,%d,1,-,ncfrag=%d/%d;%s".formatted(sequence, offset, total, text).getBytes(ISO_8859_1);
    Extended piece = (Extended) Decoder.decode(datagram);
    return fragments.add(piece, Objects.requireNonNull(piece.fragment()), 7, 1_000, 6665);
  }

  private static String body(Fragments.@Nullable Pending record) {
    return new String(Objects.requireNonNull(record).body(), ISO_8859_1);
  }
}
