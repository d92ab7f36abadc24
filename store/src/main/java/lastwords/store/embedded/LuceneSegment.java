package lastwords.store.embedded;

import java.io.IOException;
import org.apache.lucene.index.DocValuesSkipper;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.NumericDocValues;

/// A segment of one of the index's folders, with the ranges of what it holds. Its documents are
/// sorted by position, the highest first.
///
/// @param minPosition,maxPosition of its documents
/// @param minReceived,maxReceived of its documents, in microseconds
/// @param maxWritten highest number of a message in the order of writing; -1 in the crashes' index
record LuceneSegment(
    LeafReader reader,
    long minPosition,
    long maxPosition,
    long minReceived,
    long maxReceived,
    long maxWritten) {

  static LuceneSegment of(LeafReader reader) throws IOException {
    DocValuesSkipper positions = reader.getDocValuesSkipper(LuceneDocument.POSITION);
    DocValuesSkipper received = reader.getDocValuesSkipper(LuceneDocument.RECEIVED_AT);
    DocValuesSkipper written = reader.getDocValuesSkipper(LuceneDocument.WRITTEN);
    return new LuceneSegment(
        reader,
        positions == null ? Long.MIN_VALUE : positions.minValue(),
        positions == null ? Long.MAX_VALUE : positions.maxValue(),
        received == null ? Long.MIN_VALUE : received.minValue(),
        received == null ? Long.MAX_VALUE : received.maxValue(),
        written == null ? -1 : written.maxValue());
  }

  /// Whether it may hold something received from `sinceMicros` to before `untilMicros`.
  boolean overlaps(long sinceMicros, long untilMicros) {
    return maxReceived >= sinceMicros && minReceived < untilMicros;
  }

  int documents() {
    return reader.maxDoc();
  }

  /// The first document whose position is this or lower; [#documents] when there is none.
  int firstAtOrBelow(long position) throws IOException {
    if (position >= maxPosition) {
      return 0;
    }
    int low = 0;
    int high = documents();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (position(middle) <= position) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /// The position of a document, by an iterator of its own.
  long position(int document) throws IOException {
    return number(numbers(LuceneDocument.POSITION), document);
  }

  /// An iterator over a number that every document has.
  NumericDocValues numbers(String field) throws IOException {
    return org.apache.lucene.index.DocValues.getNumeric(reader, field);
  }

  static long number(NumericDocValues numbers, int document) throws IOException {
    if (!numbers.advanceExact(document)) {
      throw new IOException("document " + document + " has no number");
    }
    return numbers.longValue();
  }
}
