package lastwords.store.embedded;

import java.io.IOException;
import java.util.IdentityHashMap;
import java.util.Set;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.util.BytesRef;

/// Reads what is stored of hits. It has one reader for each segment, which keeps the block that it
/// decompressed last: neighbours are in the same one.
final class LuceneStored {
  private static final Set<String> MESSAGE = Set.of(LuceneDocument.MESSAGE);
  private static final Set<String> ID = Set.of(LuceneDocument.ID);

  private final IdentityHashMap<LeafReader, StoredFields> readers = new IdentityHashMap<>();

  BytesRef message(LuceneList.Hit hit) throws IOException {
    return fields(hit).document(hit.document(), MESSAGE).getBinaryValue(LuceneDocument.MESSAGE);
  }

  String crashId(LuceneList.Hit hit) throws IOException {
    return fields(hit).document(hit.document(), ID).get(LuceneDocument.ID);
  }

  private StoredFields fields(LuceneList.Hit hit) throws IOException {
    LeafReader segment = hit.segment().reader();
    StoredFields known = readers.get(segment);
    if (known == null) {
      known = segment.storedFields();
      readers.put(segment, known);
    }
    return known;
  }
}
