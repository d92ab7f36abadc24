package lastwords.assemble;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// What the records of one boot say of their machine's clock, and whether a record can be of a
/// later boot by that.
///
/// All times are microseconds: of receiving since 1970, of uptime since the boot.
final class BootClock {
  /// Within one boot clocks were seen to step back by 5.6 s while CPUs come up.
  private static final long STEP_BACK_MICROS = 10_000_000;

  /// A step back this small may be two CPUs' clocks.
  private static final long SKEW_MICROS = 100_000;

  /// A step back is a new boot too when the start of the machine, by its own time, moved by this.
  private static final long START_MOVED_MICROS = 8_000_000;

  /// By how much a boot may seem to have begun before its host last spoke; also what a recording
  /// sent faster than it was made squeezes out.
  private static final long DRIFT_MICROS = 120_000_000;

  /// The drift allowed for each microsecond of uptime; ten times what quartz does.
  private static final double DRIFT = 1e-3;

  /// No machine is back sooner. A log that comes slowly moves its start too, but has no such pause.
  private static final long BOOT_SILENCE_MICROS = 2_000_000;

  private long highestUptimeMicros;
  private long startedAtMicros;
  private long lastTakenMicros;

  /// The uptime of the last record if it was impossible, else -1.
  private long leapMicros;

  BootClock() {
    clear();
  }

  /// Nothing is known of the next boot.
  void clear() {
    highestUptimeMicros = -1;
    startedAtMicros = Long.MAX_VALUE;
    lastTakenMicros = Long.MIN_VALUE >> 1;
    leapMicros = -1;
  }

  /// This record is one of the boot. A time that no clock can have by now, as a forged one, is
  /// believed once the next record confirms it; a recording that is sent faster than it was made
  /// does that.
  void took(PrintkRecord record) {
    lastTakenMicros = record.receivedAtMicros();
    if (record.uptimeMicros() >= 0) {
      boolean confirmed = leapMicros >= 0 && record.uptimeMicros() >= leapMicros - SKEW_MICROS;
      if (isImpossible(record) && !confirmed) {
        leapMicros = record.uptimeMicros();
        return;
      }
      leapMicros = -1;
      highestUptimeMicros = Math.max(highestUptimeMicros, record.uptimeMicros());
      startedAtMicros =
          Math.min(startedAtMicros, record.receivedAtMicros() - record.uptimeMicros());
    }
  }

  /// Whether the machine would have to have started long before it did.
  private boolean isImpossible(PrintkRecord record) {
    long uptime = record.uptimeMicros();
    return startedAtMicros != Long.MAX_VALUE
        && record.receivedAtMicros() - uptime
            < startedAtMicros - DRIFT_MICROS - (long) (DRIFT * uptime);
  }

  /// Whether the record's time is one that this boot has not had yet.
  boolean isAhead(PrintkRecord record) {
    return record.uptimeMicros() >= highestUptimeMicros;
  }

  /// Whether the host's clock went back further than it does within a boot.
  boolean steppedBack(PrintkRecord record) {
    if (record.uptimeMicros() < 0 || highestUptimeMicros < 0) {
      return false;
    }
    long back = highestUptimeMicros - record.uptimeMicros();
    long started = record.receivedAtMicros() - record.uptimeMicros();
    return mayHaveBooted(record)
        && (back > STEP_BACK_MICROS
            || (back > SKEW_MICROS
                && started - startedAtMicros > START_MOVED_MICROS
                && record.receivedAtMicros() - lastTakenMicros > BOOT_SILENCE_MICROS));
  }

  /// Whether the record can be of a later boot: then its machine started after the last record of
  /// this one came. After the collector's clock was set back anything can be.
  boolean mayHaveBooted(PrintkRecord record) {
    long started = record.receivedAtMicros() - Math.max(0, record.uptimeMicros());
    long drift = DRIFT_MICROS + (long) (DRIFT * Math.max(0, record.uptimeMicros()));
    return record.receivedAtMicros() < lastTakenMicros - HostStreams.CLOCK_STEPPED_MICROS
        || started > lastTakenMicros - drift;
  }

  void save(DataOutput to) throws IOException {
    to.writeLong(highestUptimeMicros);
    to.writeLong(startedAtMicros);
    to.writeLong(lastTakenMicros);
    to.writeLong(leapMicros);
  }

  void load(DataInput from) throws IOException {
    loadWithoutLeap(from);
    leapMicros = from.readLong();
  }

  /// Reads what was saved before impossible times were remembered.
  void loadWithoutLeap(DataInput from) throws IOException {
    highestUptimeMicros = from.readLong();
    startedAtMicros = from.readLong();
    lastTakenMicros = from.readLong();
  }
}
