package lastwords.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WritableFileTest {
  /// So many that one of them gets the number that has become free.
  private static final int FILES = 64;

  @Test
  void closingItAgainClosesNobodyElsesFile(@TempDir Path folder) throws Exception {
    WritableFile file = new WritableFile(Files.createFile(folder.resolve("file")));
    file.close();
    Path another = Files.writeString(folder.resolve("another"), "content");
    List<RandomAccessFile> others = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      others.add(new RandomAccessFile(another.toFile(), "r"));
    }

    file.close();

    for (RandomAccessFile other : others) {
      assertThat(other.readLine()).isEqualTo("content");
      other.close();
    }
  }
}
