package lastwords.demangle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import lastwords.detect.Analyzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DemanglerTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
      _RNvCs1234_7mycrate3foo | mycrate::foo
      _RNvNtCsbmNqQUJIY6D_4core9panicking5panic | core::panicking::panic
      _RNvXs_NtCs1234_4core3fmtNtB4_5ErrorNtB4_5Debug3fmt | <core::fmt::Error as core::fmt::Debug>::fmt
      _RINvNtC3std3mem8align_ofjdE | std::mem::align_of::<usize, f64>
      _RNCNvC4core3foo0 | core::foo::{closure#0}
      _RNCNCNvC1a4mains_00B5_ | a::main::{closure#1}::{closure#0}
      _RNvMs_NtCs1234_6kernel4syncINtB4_3ArcyE3new | <kernel::sync::Arc<u64>>::new
      _RINvYNtC1a1SNtC1b1T3fooRShE | <a::S as b::T>::foo::<&[u8]>
      _RINvC7binder_3fooKj2a_E | binder_::foo::<42>
      _RINvNtCs5_4core3ptr13drop_in_placeDNtNtB4_3fmt5DebugEL_EB4_ | core::ptr::drop_in_place::<dyn core::fmt::Debug>
      _RNSNvYNtC1a1SNtC1b1T3foo5reify.llvm.123 | <a::S as b::T>::foo::{shim:reify#0}
      """)
  void rustsNamesAreReadWholeWithoutWhatDiffersBetweenBuilds(String symbol, String name) {
    assertThat(Demangler.demangle(symbol)).contains(name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
      _ZN4core9panicking5panic17h0123456789abcdefE | core::panicking::panic
      _ZN63_$LT$kernel..sync..Arc$LT$T$GT$$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE.llvm.42 | <kernel::sync::Arc<T> as core::fmt::Debug>::fmt
      _ZN4core3ptr64drop_in_place$LT$alloc..boxed..Box$LT$dyn$u20$kernel..Op$GT$$GT$17h0123456789abcdefE | core::ptr::drop_in_place<alloc::boxed::Box<dyn kernel::Op>>
      """)
  void rustsOlderNamesLoseTheirHash(String symbol, String name) {
    assertThat(Demangler.demangle(symbol)).contains(name);
  }

  @ParameterizedTest
  @CsvSource({
    "_ZN3nvk6Device5probeEPS_i, nvk::Device::probe",
    "_ZL4initi, init",
    "_ZNK3Foo3barEv, Foo::bar",
    "_ZN3FooC2Ev, Foo::Foo",
    "_ZN3FooD1Ev, Foo::~Foo"
  })
  void plainNamesOfCPlusPlusAreReadWithoutTheirParameters(String symbol, String name) {
    assertThat(Demangler.demangle(symbol)).contains(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ext4_do_update_inode",
        "_raw_spin_lock",
        "_R",
        "_Rust_like_name",
        "_Z",
        "_ZN",
        "_ZNE",
        "_ZN4core",
        "_ZN99coreE",
        "_ZN4core9999999999999E",
        "_ZN3FooIiE3barEv",
        "_ZplRK3FooS1_",
        "_RNvC",
        "_RNvC7mycrate99foo",
        "_RB_",
        "_RNvB0_3foo",
        "_RYB_B_",
        "_RBzzzzzzzzzzz_",
        "_RNvBzzzzzzzzzzzz_3foo",
        "_RINvC1a1fBZZZZZZZZZZZZZZZZZZZZZZZZ_E",
      })
  void whatIsNotUnderstoodStaysAsItIs(String symbol) {
    assertThat(Demangler.demangle(symbol)).isEmpty();
  }

  @Test
  void aNameThatUnfoldsWithoutEndIsRefused() {
    // Each pair refers twice to the one before it.
    StringBuilder bomb = new StringBuilder("_RINvC1a1fT");
    int last = bomb.length() - 3;
    bomb.append("hh");
    for (int i = 0; i < 60; i++) {
      int here = bomb.length() - 2;
      String reference = "B" + base62(last);
      bomb.append('T').append(reference).append(reference).append('E');
      last = here;
    }
    bomb.append("EE");
    assertThat(Demangler.demangle(bomb.toString())).isEmpty();
    assertThat(Demangler.demangle("_R" + "I".repeat(1_000))).isEmpty();
    assertThat(Demangler.demangle("_R" + "NvC1a1b".repeat(100_000))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
      _ZN6a$uzz$17h0123456789abcdefE | a$uzz$
      _ZN4a$u$17h0123456789abcdefE | a$u$
      _ZN12a$u7fffffff$17h0123456789abcdefE | a$u7fffffff$
      _ZN5a$u0$17h0123456789abcdefE | a$u0$
      """)
  void anEscapeThatIsNoneStaysInTheName(String symbol, String name) {
    assertThat(Demangler.demangle(symbol)).contains(name);
  }

  /// Names as they are, changed anywhere, and made of what the schemes are made of.
  static Stream<String> hostileNames() {
    Random random = new Random(20_261_121);
    List<String> names =
        List.of(
            "_RNvXs_NtCs1234_4core3fmtNtB4_5ErrorNtB4_5Debug3fmt",
            "_RINvNtCs5_4core3ptr13drop_in_placeDNtNtB4_3fmt5DebugEL_EB4_",
            "_RNSNvYNtC1a1SNtC1b1T3foo5reify.llvm.123",
            "_RINvC7binder_3fooKj2a_FUKCTRhEEuE",
            "_ZN63_$LT$kernel..sync..Arc$LT$T$GT$$u20$as$u20$fmt..Debug$GT$3fmt17h0123456789abcdefE",
            "_ZNK3FooC2Ev");
    String letters = "_RZNvIBMXYCETKLDAFPQSGUnpsuhzL0123459aE$.u\u0661\u00e9";
    String pieces =
        "B_,Bz_,Bzzzzzzzzzzz_,B0_,s_,szzzzzzzzzzzz_,$u$,$uzz$,$LT$,..,9999,17h,INvC1a1b,TB_,E";
    return Stream.generate(
            () -> {
              StringBuilder name = new StringBuilder(names.get(random.nextInt(names.size())));
              if (random.nextInt(4) == 0) {
                name.setLength(2);
              }
              for (int i = random.nextInt(12); i >= 0; i--) {
                int at = random.nextInt(name.length() + 1);
                switch (random.nextInt(4)) {
                  case 0 -> name.insert(at, letters.charAt(random.nextInt(letters.length())));
                  case 1 -> name.delete(at, Math.min(name.length(), at + random.nextInt(6)));
                  case 2 -> name.insert(at, name.substring(at));
                  default -> {
                    String[] all = pieces.split(",", -1);
                    name.insert(
                        Math.min(name.length(), Math.max(at, 2)), all[random.nextInt(all.length)]);
                  }
                }
                name.setLength(Math.min(name.length(), 1_200));
              }
              return name.toString();
            })
        .limit(200_000);
  }

  @Test
  @Timeout(30)
  void noNameWhateverThrowsOrGrowsWithoutEnd() {
    hostileNames()
        .forEach(
            name -> {
              assertThatCode(() -> Demangler.readable(name)).as(name).doesNotThrowAnyException();
              assertThat(Demangler.readable(name).length()).as(name).isLessThan(8_192);
            });
  }

  @Test
  void whatIsReadAgainAndAgainIsReadOnlySoOften() {
    // Each argument reads again all lifetimes of an implementation whose place isn't told.
    StringBuilder bomb = new StringBuilder("_RINvMINvC1a1f" + "L_".repeat(200) + "Eh1fT");
    assertThat(bomb.length()).isLessThan(1_024);
    while (bomb.length() < 1_000) {
      bomb.append("B").append(base62(3));
    }
    bomb.append("EE");
    assertTimeoutPreemptively(
        Duration.ofSeconds(1), () -> assertThat(Demangler.demangle(bomb.toString())).isEmpty());
  }

  @Test
  void aReportWhoseFunctionsHaveSuchNamesIsACrash() throws IOException {
    List<String> names =
        Stream.concat(
                Stream.of(
                    "_ZN6a$uzz$17h0123456789abcdefE",
                    "_ZN4a$u$17h0123456789abcdefE",
                    "_RBzzzzzzzzzzz_",
                    "_RNvBzzzzzzzzzzzz_3foo"),
                hostileNames().filter(name -> !name.isEmpty() && name.length() < 500).limit(300))
            .toList();
    for (String name : names) {
      String report =
          """
          [   10.000000] BUG: unable to handle page fault for address: ffffffffc0000000
          [   10.000001] #PF: supervisor read access in kernel mode
          [   10.000002] Oops: 0000 [#1] SMP
          [   10.000003] CPU: 1 PID: 22 Comm: sh Not tainted 6.1.0 #1
          [   10.000004] RIP: 0010:NAME+0x10/0x20
          [   10.000005] Call Trace:
          [   10.000006]  NAME+0x10/0x20
          [   10.000007]  vfs_write+0x10/0x20
          [   10.000008]  do_syscall_64+0x10/0x20
          [   10.000009] ---[ end trace 0000000000000000 ]---
          """
              .replace("NAME", name);
      assertThat(
              Analyzer.analyze(new ByteArrayInputStream(report.getBytes(StandardCharsets.UTF_8))))
          .as(name)
          .singleElement()
          .satisfies(crash -> assertThat(crash.title()).startsWith("BUG: unable to handle"));
    }
  }

  private static String base62(int value) {
    String digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (value == 0) {
      return "_";
    }
    StringBuilder text = new StringBuilder();
    for (int rest = value - 1; ; rest /= 62) {
      text.insert(0, digits.charAt(rest % 62));
      if (rest < 62) {
        return text.append('_').toString();
      }
    }
  }
}
