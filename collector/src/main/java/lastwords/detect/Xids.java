package lastwords.detect;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the number of an NVIDIA Xid means. Source: NVIDIA, "Xid Errors", the public catalogue.
final class Xids {
  private static final Map<Integer, String> MEANINGS =
      Map.ofEntries(
          Map.entry(1, "invalid or corrupted push buffer stream"),
          Map.entry(8, "GPU stopped processing"),
          Map.entry(11, "invalid or corrupted push buffer stream"),
          Map.entry(12, "driver error handling a GPU exception"),
          Map.entry(13, "graphics engine exception, often a fault of the application"),
          Map.entry(16, "display engine hung"),
          Map.entry(18, "bus mastering disabled in PCI configuration space"),
          Map.entry(24, "GPU semaphore timeout"),
          Map.entry(25, "invalid or illegal push buffer stream"),
          Map.entry(26, "framebuffer timeout"),
          Map.entry(31, "GPU memory page fault, mostly of the application"),
          Map.entry(32, "invalid or corrupted push buffer stream"),
          Map.entry(33, "internal micro-controller error"),
          Map.entry(37, "driver firmware error"),
          Map.entry(38, "driver firmware error"),
          Map.entry(39, "copy engine exception"),
          Map.entry(40, "copy engine exception"),
          Map.entry(41, "copy engine exception"),
          Map.entry(43, "GPU stopped processing, a fault of the application"),
          Map.entry(44, "graphics engine fault during a context switch"),
          Map.entry(45, "preemptive cleanup after earlier errors"),
          Map.entry(46, "GPU stopped processing"),
          Map.entry(48, "double bit ECC error"),
          Map.entry(54, "auxiliary power is not connected"),
          Map.entry(56, "display engine error"),
          Map.entry(57, "error programming the video memory interface"),
          Map.entry(58, "unstable video memory interface"),
          Map.entry(61, "internal micro-controller breakpoint or warning"),
          Map.entry(62, "internal micro-controller halt"),
          Map.entry(63, "ECC page retirement or row remapping recorded"),
          Map.entry(64, "ECC page retirement or row remapping failed"),
          Map.entry(65, "video encoder exception"),
          Map.entry(68, "video decoder exception"),
          Map.entry(69, "graphics engine class error"),
          Map.entry(74, "NVLink error"),
          Map.entry(78, "vGPU start error"),
          Map.entry(79, "GPU has fallen off the bus"),
          Map.entry(80, "corrupted data sent to the GPU"),
          Map.entry(81, "VGA subsystem error"),
          Map.entry(92, "high rate of single bit ECC errors"),
          Map.entry(93, "InfoROM wear limit exceeded"),
          Map.entry(94, "contained memory error: the application is lost"),
          Map.entry(95, "uncontained memory error: the GPU needs a reset"),
          Map.entry(109, "context switch timeout"),
          Map.entry(110, "security fault"),
          Map.entry(119, "GSP firmware did not answer in time"),
          Map.entry(120, "GSP firmware error"),
          Map.entry(121, "chip-to-chip link error"),
          Map.entry(122, "SPI read failure"),
          Map.entry(123, "SPI write failure"),
          Map.entry(124, "SPI erase failure"),
          Map.entry(125, "InfoROM file system failure"),
          Map.entry(136, "link training failed"),
          Map.entry(137, "NVLink privilege error"),
          Map.entry(140, "unrecovered ECC error"),
          Map.entry(143, "GPU initialization error"),
          Map.entry(144, "NVLink error"),
          Map.entry(145, "NVLink error"),
          Map.entry(146, "NVLink error"),
          Map.entry(147, "NVLink error"),
          Map.entry(148, "NVLink error"),
          Map.entry(149, "NVLink error"),
          Map.entry(150, "NVLink error"),
          Map.entry(154, "recovery action of the GPU changed"),
          Map.entry(155, "NVLink software-defined error"),
          Map.entry(156, "resource retirement recorded"),
          Map.entry(157, "resource retirement failed"),
          Map.entry(158, "GPU fatal timeout"),
          Map.entry(160, "channel retirement recorded"),
          Map.entry(161, "channel retirement failed"));

  private Xids() {}

  /// Null for a number that NVIDIA has not explained.
  static @Nullable String meaning(@Nullable Integer xid) {
    return xid == null ? null : MEANINGS.get(xid);
  }
}
