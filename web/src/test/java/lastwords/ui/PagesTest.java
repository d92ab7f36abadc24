package lastwords.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import lastwords.api.Samples;
import lastwords.api.Served;
import lastwords.detect.Analyzer;
import lastwords.kernel.Crash;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PagesTest {
  private final Served served = new Served();

  @AfterEach
  void close() {
    served.close();
  }

  private String page(int status, String path) throws Exception {
    HttpResponse<String> response = served.get(path, "Accept", "text/html");
    assertThat(response.statusCode()).as(path).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
    return response.body();
  }

  @Test
  void whatKernelsSayNeverRuns() throws Exception {
    for (String path :
        List.of("/", "/crashes", "/crashes/c5", "/messages", "/messages/4", "/hosts/web2")) {
      assertThat(page(200, path)).doesNotContain("<script>", "<b>fio", "alert('");
    }
    assertThat(page(200, "/messages")).contains("&lt;script&gt;alert(");
    assertThat(page(200, "/crashes/c5")).contains("&lt;b&gt;fio&lt;/b&gt;");
    assertThat(page(200, "/messages?query=%22" + "%3Cscript%3E" + "%22"))
        .contains("value=\"&quot;&lt;script&gt;&quot;\"");
    assertThat(Samples.HOSTILE).contains("<script>");
  }

  @Test
  void theFirstPageListsSignatures() throws Exception {
    assertThat(page(200, "/"))
        .contains(
            "<a href=\"/signatures/00c0ffee00c0ffee\">BUG: kernel NULL pointer dereference in"
                + " ext4_do_update_inode</a>",
            "59 min ago");
    assertThat(page(200, "/?query=nowhere")).contains("Nothing matches.");
  }

  @Test
  void aCrashSaysWhyItIsCalledAndGroupedSo() throws Exception {
    assertThat(page(200, "/crashes/c5"))
        .contains(
            "Why this title and signature",
            "arch/x86/mm/fault.c",
            "0123456789abcdef",
            "null-deref · &lt;b&gt;signed&lt;/b&gt;",
            "<td><code>do_syscall_64</code></td><td>entry</td>");
  }

  @Test
  void aCrashShowsItsStackReportAndLastWords() throws Exception {
    assertThat(page(200, "/crashes/c5"))
        .contains(
            "class=\"guilty\"><b>ext4_do_update_inode</b><span class=\"dim\">+0x1b/0x40 [ext4]",
            "class=\"unreliable \">? <b>guess_me</b>",
            "RIP: 0010:ext4_do_update_inode+0x1b/0x40 [ext4]",
            "blk_update_request: I/O error",
            "href=\"/messages/5#here\"");
  }

  @Test
  void theStackBeginsWhereItHappenedAndGuessesInARowAreFolded() {
    String page = CrashView.one(crash("pump_cycle")).toString();
    assertThat(page)
        .contains(
            "class=\"guilty\"><b>pump_drain.isra.0</b><span class=\"dim\">+0x1c/0x80 [pump]",
            "<b>pump::write</b>",
            "<summary>? 3 guesses</summary>",
            "GOE: a module built out of tree was loaded; an unsigned module was loaded",
            "<summary>Modules: 2</summary>");
    assertThat(page.indexOf("pump_drain.isra.0</b>")).isLessThan(page.indexOf("pump_cycle</b>"));
  }

  @Test
  void crashesOfOneSignatureShowWhereTheyCameOnDifferentWays() {
    Crash one = crash("pump_cycle");
    Crash other = crash("pump_flush");
    assertThat(other.signature()).isEqualTo(one.signature());
    assertThat(CrashView.table(List.of(one, other), Instant.EPOCH).toString())
        .contains("null-deref · path " + Objects.requireNonNull(one.explanation()).path());
    assertThat(CrashView.table(List.of(one, one), Instant.EPOCH).toString()).doesNotContain("path");
  }

  @Test
  void whoRanIsSaidOnce() throws Exception {
    String headline = "[    5.0] watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [pump:812]\n";
    Crash crash =
        Analyzer.analyze(new ByteArrayInputStream(headline.getBytes(StandardCharsets.UTF_8)))
            .getFirst();
    assertThat(crash.attrs()).containsKeys("comm", "pid", "cpu");
    assertThat(CrashView.one(crash).toString()).contains("pump").doesNotContain("Comm", "Cpu");
  }

  private static Crash crash(String caller) {
    String report =
        """
        BUG: kernel NULL pointer dereference, address: 0000000000000018
        CPU: 3 PID: 812 Comm: pump Tainted: G           OE      6.1.0-9-amd64 #1
        RIP: 0010:pump_drain.isra.0+0x1c/0x80 [pump]
        Call Trace:
         %s+0x88/0x120 [pump]
         ? pump_a+0x30/0x60
         ? pump_b+0x30/0x60
         ? pump_c+0x30/0x60
         _RNvCs1234_4pump5write+0x30/0x60 [pump]
         do_syscall_64+0x5b/0xc0
        Modules linked in: pump(OE) valve
        ---[ end trace 0000000000000000 ]---
        """
            .formatted(caller);
    try (InputStream text = new ByteArrayInputStream(report.getBytes(StandardCharsets.UTF_8))) {
      return Analyzer.analyze(text).getFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aSignatureListsItsCrashes() throws Exception {
    assertThat(page(200, "/signatures/00c0ffee00c0ffee"))
        .contains("href=\"/crashes/c5\"", "<h2>What to suspect</h2>", "Not enough data: one host");
  }

  @Test
  void aHostListsItsCrashes() throws Exception {
    assertThat(page(200, "/hosts")).contains("href=\"/hosts/web2\"");
    assertThat(page(200, "/hosts/web1")).contains("href=\"/crashes/c5\"", "10.0.0.1");
  }

  @Test
  void aMessageIsMarkedAmongItsNeighbours() throws Exception {
    assertThat(page(200, "/messages/3"))
        .contains("<tr class=\"s3 here\" id=\"here\">", "mounting unchecked fs");
  }

  @Test
  void aWrongQueryIsMarkedWhereItIsWrong() throws Exception {
    assertThat(page(400, "/messages?query=a+AND+%28b"))
        .contains("never closed", "<pre>a AND (b\n      ^</pre>");
    assertThat(page(400, "/?since=soon")).contains("soon");
  }

  @Test
  void whatIsNotThereIsAPageToo() throws Exception {
    assertThat(page(404, "/crashes/c77")).contains("There is no crash &#39;c77&#39;.");
    assertThat(page(404, "/nothing")).contains("<h1>Not Found</h1>");
  }
}
