package lastwords.store.embedded;

import java.io.IOException;
import lastwords.store.Words;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;

/// Cuts text into the words of [Words], without an object per word.
final class LuceneWords extends Tokenizer {
  private final CharTermAttribute word = addAttribute(CharTermAttribute.class);
  private final char[] buffer = new char[4096];
  private int at;
  private int end;

  static Analyzer analyzer() {
    return new Analyzer() {
      @Override
      protected TokenStreamComponents createComponents(String field) {
        return new TokenStreamComponents(new LuceneWords());
      }
    };
  }

  @Override
  public boolean incrementToken() throws IOException {
    clearAttributes();
    char[] chars = word.resizeBuffer(Words.MAX_CHARS);
    int length = 0;
    while (length < Words.MAX_CHARS && more()) {
      char c = buffer[at++];
      if (Words.isWordChar(c)) {
        chars[length++] = (char) Words.lower(c);
      } else if (length > 0) {
        break;
      }
    }
    word.setLength(length);
    return length > 0;
  }

  private boolean more() throws IOException {
    if (at == end) {
      at = 0;
      end = Math.max(0, input.read(buffer, 0, buffer.length));
    }
    return at < end;
  }

  @Override
  public void reset() throws IOException {
    super.reset();
    at = 0;
    end = 0;
  }
}
