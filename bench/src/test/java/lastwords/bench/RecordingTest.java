package lastwords.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import lastwords.detect.Counters;
import lastwords.detect.Detector;
import lastwords.kernel.Crash;
import lastwords.kernel.Event;
import org.junit.jupiter.api.Test;

class RecordingTest {
  private final Recording recording = Recording.load();

  @Test
  void holdsAWholeBootAndItsCrash() {
    assertThat(recording.messages()).hasSizeGreaterThan(100);
    assertThat(crashes(recording.events())).isNotEmpty();
  }

  @Test
  void itsHealthyPartHasNoCrash() {
    assertThat(recording.healthyEvents()).hasSizeGreaterThan(100);
    assertThat(crashes(recording.healthyEvents())).isEmpty();
  }

  private static List<Crash> crashes(List<Event> events) {
    List<Crash> crashes = new ArrayList<>();
    Detector detector = new Detector(crashes::add, new Counters());
    events.forEach(detector::accept);
    detector.end();
    return crashes;
  }
}
