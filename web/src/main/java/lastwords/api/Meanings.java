package lastwords.api;

import java.util.Map;
import java.util.Optional;

/// What the fields of a crash and of a webhook's data mean, for the description of the API.
final class Meanings {
  private static final String CUT =
      "Fields that were shortened or left out so that the body stays below 20 kB; `texts` stands"
          + " for the end of each long text. Absent when nothing was.";

  private static final String ALARM = "The alarm's id, the same in its updates: act once for each.";
  private static final String CRASH_LINK = "The crash's page, which has what was cut.";

  private static final Map<String, Map<String, String>> OF =
      Map.of(
          "Crash",
          Map.ofEntries(
              Map.entry("kind", "What happened, such as null-deref, panic, soft-lockup, reboot."),
              Map.entry("title", "The headline, stable over addresses, offsets, pids and CPUs."),
              Map.entry("signature", "The grouping key, 16 hex digits; see explanation.signed."),
              Map.entry(
                  "signature_version",
                  "The number of the rules that made it; a crash that is kept keeps its own."),
              Map.entry("alt_titles", "Further titles under which the fault may be known."),
              Map.entry("frames", "The primary stack, top first."),
              Map.entry("guilty", "The function held responsible."),
              Map.entry("guilty_file", "Its source file, where the stack has files."),
              Map.entry("ip", "The instruction pointer's function."),
              Map.entry("tainted", "Taint letters; empty when the kernel says not tainted."),
              Map.entry("attrs", "Values particular to the kind, such as device, victim, memcg."),
              Map.entry("panicked", "The machine went down with it."),
              Map.entry("corrupted", "Lines of other reports are mixed in, or it makes no sense."),
              Map.entry("suppressed", "Follows from an earlier crash of the same boot."),
              Map.entry("complete", "Seen to its end."),
              Map.entry("lines_lost", "Lines of the report that are known to be missing."),
              Map.entry(
                  "host",
                  "The inventory's name for the address, else the one the sender claims, else the"
                      + " address."),
              Map.entry("host_source", "Where the host's name comes from, most trusted first."),
              Map.entry(
                  "claimed_host",
                  "A name the sender claims that belongs to another host; untrusted."),
              Map.entry("address", "The sender's address; it can be forged."),
              Map.entry("report", "Its lines, headline first."),
              Map.entry("last_words", "The same boot's lines before the headline, oldest first."),
              Map.entry("explanation", "Why it is called and grouped as it is.")),
          "Frame",
          Map.of(
              "offset", "Bytes into the function.",
              "size", "Bytes of the function.",
              "file", "Source file; from debug information or a symbolized report.",
              "inline", "The compiler inlined the call into the next frame that isn't inline.",
              "reliable", "False for what the kernel marks as a guess."),
          "Explanation",
          Map.of(
              "source", "The kernel's file that prints the headline.",
              "lines", "Lines of report that made the title, by index from 0.",
              "frames", "The stack as it was judged, top first, as far as it was looked at.",
              "signed", "The texts that signature is the hash of, in order.",
              "path",
                  "16 hex digits of the guilty function and its callers up to the entry into the"
                      + " kernel, six at most: a second key, telling apart crashes of one signature"
                      + " that came there on different ways."),
          "Judged",
          Map.of(
              "function",
              "Its name in the source, demangled, without compiler suffix.",
              "verdict",
              "guilty; path for a caller that matters; else why it is neither: a family of"
                  + " functions that are never to blame (locks, allocators, sanitizers, ...),"
                  + " entry, below the entry, guess, inlined, passed over, waiting, where it"
                  + " happened to be."),
          "CrashNotice",
          Map.of("alarm", ALARM, "link", CRASH_LINK, "cut", CUT),
          "UpdateNotice",
          Map.of(
              "alarm",
              ALARM,
              "link",
              CRASH_LINK,
              "previous_severity",
              "The alarm's when it was last notified.",
              "was_panicked",
              "Whether the machine was known to be down then.",
              "cut",
              CUT),
          "StormNotice",
          Map.of(
              "id", "The alert storm's.",
              "link", "The page of the alarms that were held.",
              "severity", "Of the most severe alarm held.",
              "alarms", "How many were held.",
              "host_count", "How many hosts they are of.",
              "delivered", "Alarms notified one by one within the minute.",
              "signature_count", "How many signatures they are of.",
              "signatures", "The most severe ten of them.",
              "cut", CUT),
          "StormSignature",
          Map.of(
              "alarms", "How many of this signature were held.",
              "host_count", "How many hosts they are of.",
              "hosts",
                  "Ten hosts at most: the name, with the address in parentheses where it is not the"
                      + " name."),
          "TestNotice",
          Map.of("id", "The test's.", "text", "A sentence for people."));

  private Meanings() {}

  static Optional<String> of(String type, String field) {
    return Optional.ofNullable(OF.getOrDefault(type, Map.of()).get(field));
  }

  /// The fields that have a meaning here, by type.
  static Map<String, Map<String, String>> all() {
    return OF;
  }
}
