package lastwords.symbols;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files with more sections than the numbers of the header and of symbols have room for.
class ElfTest {
  private static final int HEADER = 64;
  private static final int SECTION = 64;
  private static final int SYMBOL = 24;
  private static final byte[] SECTION_NAMES = "\0.text.harm\0".getBytes(US_ASCII);
  private static final byte[] NAMES = "\0harm\0".getBytes(US_ASCII);

  @TempDir Path folder;

  @Test
  void aFunctionOfASectionBeyondTheHeadersNumbersIsFound() throws IOException {
    Elf elf = Elf.read(module(66_000, 66_000));
    assertThat(elf.find("harm", null))
        .hasValueSatisfying(
            symbol -> {
              assertThat(symbol.section()).isEqualTo(".text.harm");
              assertThat(symbol.size()).isEqualTo(16);
            });
  }

  @Test
  void aNumberOfSectionsThatNoFileHasIsRejected() throws IOException {
    Path file = module(66_000, 0x7fff_ffff_ffffL);
    assertThatThrownBy(() -> Elf.read(file)).isInstanceOf(IOException.class);
  }

  /// A relocatable file of that many sections; its last has the function `harm`, and the section of
  /// sections' names is the one before.
  private Path module(int sections, long told) throws IOException {
    int namesAt = HEADER;
    int sectionNamesAt = namesAt + NAMES.length;
    int symbolsAt = sectionNamesAt + SECTION_NAMES.length;
    int elsewhereAt = symbolsAt + 2 * SYMBOL;
    int tableAt = elsewhereAt + 2 * Integer.BYTES;
    ByteBuffer file =
        ByteBuffer.allocate(tableAt + sections * SECTION).order(ByteOrder.LITTLE_ENDIAN);
    file.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
    file.putShort(16, (short) 1).putLong(40, tableAt).putShort(52, (short) HEADER);
    file.putShort(58, (short) SECTION).putShort(60, (short) 0).putShort(62, (short) 0xffff);
    file.put(namesAt, NAMES).put(sectionNamesAt, SECTION_NAMES);
    int symbol = symbolsAt + SYMBOL;
    file.putInt(symbol, 1).put(symbol + 4, (byte) 2).putShort(symbol + 6, (short) 0xffff);
    file.putLong(symbol + 8, 0).putLong(symbol + 16, 16);
    file.putInt(elsewhereAt + Integer.BYTES, sections - 1);
    section(file, tableAt, 0, 0, 0, 0, told, sections - 2);
    section(file, tableAt, 1, 3, 0, namesAt, NAMES.length, 0);
    section(file, tableAt, 2, 2, 0, symbolsAt, 2 * SYMBOL, 1);
    section(file, tableAt, 3, 18, 0, elsewhereAt, 2 * Integer.BYTES, 2);
    section(file, tableAt, sections - 2, 3, 0, sectionNamesAt, SECTION_NAMES.length, 0);
    section(file, tableAt, sections - 1, 1, 4, 0, 16, 0);
    file.putInt(tableAt + (sections - 1) * SECTION, 1);
    return Files.write(folder.resolve("harm.ko"), file.array());
  }

  private static void section(
      ByteBuffer file, int table, int number, int type, long flags, long at, long size, int link) {
    int from = table + number * SECTION;
    file.putInt(from + 4, type).putLong(from + 8, flags).putLong(from + 24, at);
    file.putLong(from + 32, size).putInt(from + 40, link);
  }
}
