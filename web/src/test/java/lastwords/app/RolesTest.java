package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolesTest {
  @Test
  void rolesThatShareAFolderDoTogetherWhatOneServerDoes(@TempDir Path data) {
    Recording recording = Recording.of("sysrq-c--d612");
    Crowd crowd = new Crowd();
    String address = crowd.add(10, recording.datagrams());
    try (Running receive = Running.start(data, "receive");
        Running analyze = Running.start(data, "analyze,index");
        Running web = Running.start(data, "web")) {
      receive.hear(crowd);
      web.untilRead(crowd.datagrams());
      Running.eventually(() -> !web.crashes().isEmpty());
      JsonNode crash = web.crashes().getOrDefault(address, List.of()).getFirst();
      assertThat(crash.path("panicked").asBoolean()).isTrue();
      assertThat(web.list("/messages", "query", "text:\"sysrq triggered crash\"")).isNotEmpty();
      assertThat(web.list("/messages")).hasSize(recording.datagrams().size());
      assertThat(analyze.server.udp()).isEmpty();
    }
  }
}
