package lastwords.store.embedded;

import java.io.IOException;
import java.nio.file.Path;
import lastwords.store.FreeSpace;
import org.apache.lucene.index.FilterMergePolicy;
import org.apache.lucene.index.MergePolicy;
import org.apache.lucene.index.MergeTrigger;
import org.apache.lucene.index.SegmentCommitInfo;
import org.apache.lucene.index.SegmentInfos;
import org.jspecify.annotations.Nullable;

/// Merges for which the disk has room: a merge writes all its segments once more before it deletes
/// them, and one that fills the disk ends the writer. What is not merged now is later.
final class LuceneMerges extends FilterMergePolicy {
  private final Path folder;
  private final long leastFreeBytes;

  LuceneMerges(MergePolicy merges, Path folder, long leastFreeBytes) {
    super(merges);
    this.folder = folder;
    this.leastFreeBytes = leastFreeBytes;
  }

  @Override
  public @Nullable MergeSpecification findMerges(
      MergeTrigger trigger, SegmentInfos infos, MergeContext context) throws IOException {
    MergeSpecification found = super.findMerges(trigger, infos, context);
    if (found == null) {
      return null;
    }
    long room = new FreeSpace(folder).bytes() - leastFreeBytes;
    MergeSpecification fitting = new MergeSpecification();
    for (OneMerge merge : found.merges) {
      for (SegmentCommitInfo segment : merge.segments) {
        room -= size(segment, context);
      }
      if (room >= 0) {
        fitting.add(merge);
      }
    }
    return fitting.merges.isEmpty() ? null : fitting;
  }
}
