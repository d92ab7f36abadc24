package lastwords.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.Channel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lastwords.api.Connections.Verdict;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
  private static final long SECOND = 1_000_000_000;

  private final Connections connections = new Connections(32);
  private final List<Channel> opened = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (Channel channel : opened) {
      channel.close();
    }
  }

  private Channel channel() throws IOException {
    Channel channel = SocketChannel.open();
    opened.add(channel);
    return channel;
  }

  private Verdict admit(String source) throws IOException {
    return connections.admit(channel(), InetAddress.ofLiteral(source), 0);
  }

  @Test
  void connectionsHaveAnEighthOfTheDescriptors() {
    assertThat(Connections.limit(400)).isEqualTo(50);
    assertThat(Connections.limit(64)).isEqualTo(Connections.MIN);
    assertThat(Connections.limit(65_536)).isEqualTo(Connections.MAX);
    assertThat(Connections.limit(-1)).isEqualTo(Connections.MAX);
  }

  @Test
  void oneSourceHasAFourth() throws IOException {
    for (int i = 0; i < 8; i++) {
      assertThat(admit("192.0.2.1")).isEqualTo(Verdict.ADMITTED);
      assertThat(admit("2001:db8::" + i)).isEqualTo(Verdict.ADMITTED);
    }
    assertThat(admit("192.0.2.1")).isEqualTo(Verdict.TOO_MANY_OF_SOURCE);
    assertThat(admit("2001:db8::99")).isEqualTo(Verdict.TOO_MANY_OF_SOURCE);
    assertThat(admit("192.0.2.2")).isEqualTo(Verdict.ADMITTED);
    assertThat(connections.rejectedOfSource()).isEqualTo(2);
  }

  @Test
  void thisMachineGetsInWhileOthersHoldAllTheyCan() throws IOException {
    int taken = 0;
    for (int i = 0; i < 100; i++) {
      taken += admit("192.0.2." + i) == Verdict.ADMITTED ? 1 : 0;
    }
    assertThat(taken).isEqualTo(28);
    assertThat(connections.rejected()).isEqualTo(72);
    for (String own : new String[] {"127.0.0.1", "::1", "127.0.0.1", "127.9.9.9"}) {
      assertThat(admit(own)).isEqualTo(Verdict.ADMITTED);
    }
    assertThat(admit("127.0.0.1")).isEqualTo(Verdict.TOO_MANY);
  }

  @Test
  void aClosedConnectionMakesRoom() throws IOException {
    for (int i = 0; i < 8; i++) {
      admit("192.0.2.1");
    }
    opened.getFirst().close();
    assertThat(admit("192.0.2.1")).isEqualTo(Verdict.ADMITTED);
    assertThat(connections.count()).isEqualTo(8);
  }

  @Test
  void aRequestThatNeverGetsWholeIsClosedHoweverManyBytesOfItCome() throws IOException {
    admit("192.0.2.1");
    long last = Connections.BETWEEN_REQUESTS.toNanos();
    assertThat(connections.overdue(last)).isEmpty();
    assertThat(connections.overdue(last + 1)).containsExactly(opened.getFirst());
    assertThat(connections.overdue()).isEqualTo(1);
  }

  @Test
  void anAnswerHasToBeTakenInTimeUnlessItIsAStream() throws IOException {
    admit("192.0.2.1");
    admit("192.0.2.1");
    connections.began(opened.get(0), false, 5 * SECOND);
    connections.began(opened.get(1), true, 5 * SECOND);
    long late = 5 * SECOND + Connections.REQUEST.toNanos();
    assertThat(connections.overdue(late)).isEmpty();
    assertThat(connections.overdue(late + 1)).containsExactly(opened.get(0));
    assertThat(connections.overdue(Duration.ofDays(3).toNanos())).isEmpty();
  }

  @Test
  void aConnectionThatIsUsedStays() throws IOException {
    admit("192.0.2.1");
    for (long now = 0; now < 600 * SECOND; now += 20 * SECOND) {
      connections.began(opened.getFirst(), false, now);
      connections.ended(opened.getFirst(), now + SECOND);
      assertThat(connections.overdue(now + 20 * SECOND)).isEmpty();
    }
  }
}
