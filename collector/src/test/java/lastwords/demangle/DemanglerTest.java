package lastwords.demangle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
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
