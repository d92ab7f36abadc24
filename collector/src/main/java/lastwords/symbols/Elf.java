package lastwords.symbols;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What an ELF file says of its functions: where each lies, and how far it is to the next, which is
/// the size a kernel prints. Immutable. Format: the System V ABI, of 32 and 64 bits and either byte
/// order.
final class Elf {
  /// A table that is longer is none of a kernel.
  private static final long MAX_TABLE_BYTES = 256L << 20;

  /// Between a function's end, as the compiler sees it, and the next: alignment and padding.
  private static final long MAX_PADDING = 64;

  /// More than the largest modules have: with a section for each function, about 70,000.
  private static final int MAX_SECTIONS = 300_000;

  /// Section numbers from here on mean something else, in the header and in symbols.
  private static final int RESERVED = 0xff00;

  /// The section's number did not fit and is written elsewhere (`SHN_XINDEX`).
  private static final int ELSEWHERE = 0xffff;

  /// A table of the numbers of sections that did not fit into their symbols.
  private static final int SYMBOL_SECTIONS = 18;

  private static final int SYMBOLS = 2;
  private static final int NOTES = 7;
  private static final int EXECUTABLE = 4;
  private static final int RELOCATABLE = 1;
  private static final int NO_TYPE = 0;
  private static final int FUNCTION = 2;
  private static final int BUILD_ID = 3;

  /// A function.
  ///
  /// @param size as the compiler noted it, 0 where it didn't
  /// @param extent bytes to the next function or the end of the section
  record Symbol(String section, long address, long size, long extent) {}

  private record Section(
      int name, int type, long flags, long address, long offset, long size, int link) {}

  private record Raw(int name, int section, long address, long size) {}

  private final boolean relocatable;
  private final @Nullable String buildId;
  private final byte[] names;
  private final List<Raw> symbols;
  private final List<Section> sections;
  private final byte[] sectionNames;

  /// Hash of the name above, index in `symbols` below, sorted.
  private final long[] byName;

  private Elf(
      boolean relocatable,
      @Nullable String buildId,
      byte[] names,
      List<Raw> symbols,
      List<Section> sections,
      byte[] sectionNames) {
    this.sectionNames = sectionNames;
    this.relocatable = relocatable;
    this.buildId = buildId;
    this.names = names;
    this.symbols = symbols;
    this.sections = sections;
    byName = new long[symbols.size()];
    for (int i = 0; i < byName.length; i++) {
      byName[i] = key(name(names, symbols.get(i).name).hashCode(), i);
    }
    Arrays.sort(byName);
  }

  /// @throws IOException when it can't be read or isn't an ELF file with symbols; says which
  static Elf read(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path)) {
      return read(file);
    } catch (EOFException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IOException(path + " is no ELF file, or a damaged one", e);
    }
  }

  private static Elf read(FileChannel file) throws IOException {
    ByteBuffer start = bytes(file, 0, 64);
    if (start.getInt(0) != 0x7f454c46) {
      throw new IllegalArgumentException("no ELF file");
    }
    boolean wide = start.get(4) == 2;
    ByteOrder order = start.get(5) == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    start.order(order);
    List<Section> sections = sections(file, start, wide, order);
    String buildId = null;
    byte[] names = {};
    List<Raw> symbols = List.of();
    for (Section section : sections) {
      if (section.type == NOTES && buildId == null) {
        buildId = buildId(bytes(file, section.offset, section.size).order(order));
      } else if (section.type == SYMBOLS) {
        Section texts = sections.get(section.link);
        names = bytes(file, texts.offset, texts.size).array();
        symbols =
            symbols(
                bytes(file, section.offset, section.size).order(order),
                symbolSections(file, order, sections, section),
                wide,
                sections,
                names);
      }
    }
    if (symbols.isEmpty()) {
      throw new IllegalArgumentException("without symbols");
    }
    int namedBy = Short.toUnsignedInt(start.getShort(wide ? 62 : 50));
    Section strings = sections.get(namedBy == ELSEWHERE ? sections.getFirst().link : namedBy);
    return new Elf(
        start.getShort(16) == RELOCATABLE,
        buildId,
        names,
        symbols,
        sections,
        bytes(file, strings.offset, strings.size).array());
  }

  private static List<Section> sections(
      FileChannel file, ByteBuffer start, boolean wide, ByteOrder order) throws IOException {
    long offset = wide ? start.getLong(40) : Integer.toUnsignedLong(start.getInt(32));
    int size = Short.toUnsignedInt(start.getShort(wide ? 58 : 46));
    long count = Short.toUnsignedInt(start.getShort(wide ? 60 : 48));
    if (size < (wide ? 64 : 40)) {
      throw new IllegalArgumentException("section headers of " + size + " bytes");
    }
    if (count == 0 && offset > 0) {
      // Too many for the header: the first section, which is none, has their number as its size.
      ByteBuffer first = bytes(file, offset, size).order(order);
      count = wide ? first.getLong(32) : Integer.toUnsignedLong(first.getInt(20));
    }
    if (count < 1 || count > MAX_SECTIONS) {
      throw new IllegalArgumentException(count + " sections");
    }
    ByteBuffer table = bytes(file, offset, size * count).order(order);
    List<Section> sections = new ArrayList<>((int) count);
    for (int i = 0; i < count; i++) {
      int at = i * size;
      sections.add(
          wide
              ? new Section(
                  table.getInt(at),
                  table.getInt(at + 4),
                  table.getLong(at + 8),
                  table.getLong(at + 16),
                  table.getLong(at + 24),
                  table.getLong(at + 32),
                  table.getInt(at + 40))
              : new Section(
                  table.getInt(at),
                  table.getInt(at + 4),
                  table.getInt(at + 8),
                  Integer.toUnsignedLong(table.getInt(at + 12)),
                  Integer.toUnsignedLong(table.getInt(at + 16)),
                  Integer.toUnsignedLong(table.getInt(at + 20)),
                  table.getInt(at + 24)));
    }
    return sections;
  }

  /// The numbers of the sections of a symbol table that did not fit into it, null where all did.
  private static @Nullable ByteBuffer symbolSections(
      FileChannel file, ByteOrder order, List<Section> sections, Section symbols)
      throws IOException {
    for (Section section : sections) {
      if (section.type == SYMBOL_SECTIONS
          && section.link >= 0
          && section.link < sections.size()
          && sections.get(section.link).equals(symbols)) {
        return bytes(file, section.offset, section.size).order(order);
      }
    }
    return null;
  }

  /// The number of a symbol's section, one too high for any where it is in none.
  private static int section(int inSymbol, int symbol, @Nullable ByteBuffer elsewhere) {
    if (inSymbol < RESERVED) {
      return inSymbol;
    }
    if (inSymbol != ELSEWHERE || elsewhere == null || symbol >= elsewhere.limit() / Integer.BYTES) {
      return Integer.MAX_VALUE;
    }
    int number = elsewhere.getInt(symbol * Integer.BYTES);
    return number < 0 ? Integer.MAX_VALUE : number;
  }

  private static List<Raw> symbols(
      ByteBuffer table,
      @Nullable ByteBuffer elsewhere,
      boolean wide,
      List<Section> sections,
      byte[] names) {
    List<Raw> symbols = new ArrayList<>();
    int entry = wide ? 24 : 16;
    for (int at = 0; at + entry <= table.limit(); at += entry) {
      int type = table.get(at + (wide ? 4 : 12)) & 15;
      int section =
          section(Short.toUnsignedInt(table.getShort(at + (wide ? 6 : 14))), at / entry, elsewhere);
      int name = table.getInt(at);
      if ((type == FUNCTION || type == NO_TYPE)
          && section < sections.size()
          && (sections.get(section).flags & EXECUTABLE) != 0
          && name > 0
          && name < names.length
          && names[name] != '$' // marks of the assembler, which a kernel doesn't list
          && !(names[name] == '.' && name + 1 < names.length && names[name + 1] == 'L')) {
        symbols.add(
            wide
                ? new Raw(name, section, table.getLong(at + 8), table.getLong(at + 16))
                : new Raw(
                    name,
                    section,
                    Integer.toUnsignedLong(table.getInt(at + 4)),
                    Integer.toUnsignedLong(table.getInt(at + 8))));
      }
    }
    symbols.sort(
        Comparator.comparingInt(Raw::section).thenComparing(Raw::address, Long::compareUnsigned));
    return symbols;
  }

  private static @Nullable String buildId(ByteBuffer notes) {
    int at = 0;
    while (at + 12 <= notes.limit()) {
      int nameBytes = notes.getInt(at);
      int bytes = notes.getInt(at + 4);
      if (nameBytes < 0 || bytes < 0 || nameBytes > 1_024 || bytes > notes.limit()) {
        return null;
      }
      int from = at + 12 + (nameBytes + 3 & ~3);
      if (notes.getInt(at + 8) == BUILD_ID && nameBytes == 4 && from + bytes <= notes.limit()) {
        byte[] id = new byte[bytes];
        notes.get(from, id);
        return HexFormat.of().formatHex(id);
      }
      at = from + (bytes + 3 & ~3);
    }
    return null;
  }

  private static ByteBuffer bytes(FileChannel file, long offset, long size) throws IOException {
    if (size < 0 || size > MAX_TABLE_BYTES || offset < 0) {
      throw new IllegalArgumentException("a table of " + size + " bytes");
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) size);
    while (bytes.hasRemaining()) {
      if (file.read(bytes, offset + bytes.position()) < 0) {
        throw new EOFException();
      }
    }
    return bytes.flip();
  }

  /// As hex digits.
  Optional<String> buildId() {
    return Optional.ofNullable(buildId);
  }

  /// Whether addresses count from the start of a section, as in a module.
  boolean isRelocatable() {
    return relocatable;
  }

  /// The function of that name and size. Empty where there is none, or several are alike: better no
  /// line than a wrong one.
  ///
  /// @param size as the kernel printed it; null for the only one of that name
  Optional<Symbol> find(String name, @Nullable Integer size) {
    List<Symbol> all = named(name);
    if (size == null) {
      return only(all);
    }
    List<Symbol> exact = all.stream().filter(s -> s.extent == size).toList();
    return exact.isEmpty()
        ? only(
            all.stream()
                .filter(s -> s.size > 0 && s.size <= size && size - s.size < MAX_PADDING)
                .toList())
        : only(exact);
  }

  private static Optional<Symbol> only(List<Symbol> symbols) {
    return symbols.size() == 1 ? Optional.of(symbols.getFirst()) : Optional.empty();
  }

  private List<Symbol> named(String name) {
    List<Symbol> found = new ArrayList<>();
    int hash = name.hashCode();
    int at = Arrays.binarySearch(byName, key(hash, 0));
    for (int i = at < 0 ? -at - 1 : at; i < byName.length && byName[i] >> 32 == hash; i++) {
      int index = (int) byName[i];
      if (name(names, symbols.get(index).name).equals(name)) {
        Symbol symbol = symbol(index);
        if (!found.contains(symbol)) { // some stand there twice
          found.add(symbol);
        }
      }
    }
    return found;
  }

  private Symbol symbol(int index) {
    Raw raw = symbols.get(index);
    Section section = sections.get(raw.section);
    long end = (relocatable ? 0 : section.address) + section.size;
    for (int i = index + 1; i < symbols.size() && symbols.get(i).section == raw.section; i++) {
      if (symbols.get(i).address != raw.address) {
        end = symbols.get(i).address;
        break;
      }
    }
    return new Symbol(name(sectionNames, section.name), raw.address, raw.size, end - raw.address);
  }

  private static String name(byte[] names, int offset) {
    if (offset < 0 || offset >= names.length) {
      return "";
    }
    int end = offset;
    while (end < names.length && names[end] != 0) {
      end++;
    }
    return new String(names, offset, end - offset, StandardCharsets.ISO_8859_1);
  }

  private static long key(int hash, int index) {
    return (long) hash << 32 | index;
  }
}
