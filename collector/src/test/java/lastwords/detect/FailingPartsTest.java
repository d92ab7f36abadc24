package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import lastwords.kernel.Crash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Each part of a machine fails by itself, also where two fail at once.
class FailingPartsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "NVRM: Xid (PCI:0000:3b:00): 48, pid=1, DBE|NVRM: Xid (PCI:0000:5e:00): 79, GPU has fallen off the bus.",
        "I/O error, dev sda, sector 8 op 0x0:(READ) flags 0x0|I/O error, dev sdb, sector 8 op 0x0:(READ) flags 0x0",
        "I/O error, dev sda, sector 8 op 0x0:(READ) flags 0x0|I/O error, dev sdaa, sector 8 op 0x0:(READ) flags 0x0",
        "EXT4-fs error (device sda1): ext4_lookup:1: inode #2: comm ls: bad|EXT4-fs error (device sda11): ext4_lookup:1: inode #2: comm ls: bad",
        "nvme nvme0: controller is down; will reset: CSTS=0xffffffff|nvme nvme1: controller is down; will reset: CSTS=0xffffffff",
        "md/raid1:md0: Disk failure on sda1, disabling device.|md/raid1:md1: Disk failure on sdb1, disabling device.",
        "EDAC MC0: 1 CE memory read error on DIMM_A1 (channel:1 slot:0 page:0x1)|EDAC MC0: 1 CE memory read error on DIMM_B1 (channel:1 slot:0 page:0x1)",
        "a.out[11]: segfault at 0 ip 00401136 sp 0c8e0f10 error 4 in a.out[401000+1000]|db[12]: segfault at 8 ip 00401136 sp 0c8e0f10 error 4 in db[401000+1000]",
      })
  void partsThatFailAtOnceAreTwoEvents(String lines) throws IOException {
    List<String> both = List.of(lines.split("\\|"));
    List<Crash> told = analyze(both.getFirst(), both.getLast(), both.getFirst());
    assertThat(told).hasSize(2);
    assertThat(told.getFirst().report()).containsExactly(both.getFirst(), both.getFirst());
    assertThat(told.getLast().report()).containsExactly(both.getLast());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NVRM: Xid (PCI:0000:3B:00): 79, GPU has fallen off the bus.|NVRM: GPU 00000000:3b:00.0: GPU has fallen off the bus.",
        "I/O error, dev sda, sector 8 op 0x0:(READ) flags 0x0|XFS (sda1): metadata I/O error in \"xfs_read\" at daddr 0x1 len 8 error 5",
        "ata1.00: exception Emask 0x10 SAct 0x0 SErr 0x0 action 0xe frozen|ata1: COMRESET failed (errno=-16)",
        "pcieport 0000:00:1c.5: AER: Corrected error received: id=0300|nic 0000:03:00.0: PCIe Bus Error: severity=Corrected, type=Physical Layer, id=0300(Receiver ID)",
        "sd 0:0:0:0: attempting task abort! scmd(1)|sd 0:0:0:0: [sda] tag#3 attempting device reset!",
        "a.out[11]: segfault at 0 ip 00401136 sp 0c8e0f10 error 4 in a.out[401000+1000]|a.out[12]: segfault at 8 ip 00401136 sp 0c8e0f10 error 4 in a.out[401000+1000]",
      })
  void whatIsSaidOfOnePartIsOneEvent(String lines) throws IOException {
    assertThat(analyze(lines.split("\\|"))).hasSize(1);
  }

  @Test
  void whatFollowsAHeadlineGoesOnWithTheLatestOfItsKind() throws IOException {
    List<Crash> told =
        analyze(
            "md/raid1:md0: Disk failure on sda1, disabling device.",
            "md/raid1:md0: Operation continuing on 1 devices.",
            "md/raid1:md1: Disk failure on sdb1, disabling device.",
            "md/raid1:md1: Operation continuing on 3 devices.");
    assertThat(told)
        .extracting(c -> c.report().getLast())
        .containsExactly(
            "md/raid1:md0: Operation continuing on 1 devices.",
            "md/raid1:md1: Operation continuing on 3 devices.");
  }

  private static List<Crash> analyze(String... lines) throws IOException {
    StringBuilder log = new StringBuilder();
    for (int i = 0; i < lines.length; i++) {
      log.append("[   10.00").append(i).append("000] ").append(lines[i]).append('\n');
    }
    return Analyzer.analyze(
        new ByteArrayInputStream(log.toString().getBytes(StandardCharsets.UTF_8)));
  }
}
