package lastwords.assemble;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What a host's `msgid`s say about loss on the way.
///
/// Each target counts what it hands to the network, from 1, so of a run of numbers those that never
/// arrive are lost. Targets are told apart by their source port; what one of them lost and another
/// brought is no loss, so the host has lost the least that any of them has.
final class MessageIds {
  /// More targets than a host has; further ports are not counted.
  private static final int MAX_TARGETS = 8;

  /// A number further from the others of its target begins a new count: the target was made again,
  /// or the number was forged. As far as the largest gap that [SequenceOrder] believes.
  private static final long MAX_JUMP = SequenceOrder.MAX_GAP;

  /// Heap bytes of a target.
  private static final int TARGET_BYTES = 64;

  private static final class Target {
    int port;
    long lowest;
    long highest;
    long received;

    /// Lost before its count began anew.
    long lostBefore;

    void saw(long msgid) {
      if (received == 0 || msgid > highest + MAX_JUMP || msgid < lowest - MAX_JUMP) {
        lostBefore = lost();
        lowest = msgid;
        highest = msgid;
        received = 1;
      } else {
        received++;
        lowest = Math.min(lowest, msgid);
        highest = Math.max(highest, msgid);
      }
    }

    long lost() {
      return received == 0 ? 0 : lostBefore + Math.max(0, highest - lowest + 1 - received);
    }
  }

  private final List<Target> targets = new ArrayList<>(1);
  private long told;

  void saw(int port, long msgid) {
    if (msgid < 0) {
      return;
    }
    for (Target target : targets) {
      if (target.port == port) {
        target.saw(msgid);
        return;
      }
    }
    if (targets.size() < MAX_TARGETS) {
      Target target = new Target();
      target.port = port;
      target.saw(msgid);
      targets.add(target);
    }
  }

  long heldBytes() {
    return (long) targets.size() * TARGET_BYTES;
  }

  /// How many messages of this boot are known lost now.
  long lost() {
    long least = targets.isEmpty() ? 0 : Long.MAX_VALUE;
    for (Target target : targets) {
      least = Math.min(least, target.lost());
    }
    return least;
  }

  /// How many more than at the last call.
  long newlyLost() {
    long lost = lost();
    long more = Math.max(0, lost - told);
    told = lost;
    return more;
  }

  /// Begins a new boot; returns what the old one lost.
  long restart() {
    long lost = lost();
    targets.clear();
    told = 0;
    return lost;
  }

  void save(DataOutput to) throws IOException {
    to.writeLong(told);
    to.writeByte(targets.size());
    for (Target target : targets) {
      to.writeInt(target.port);
      to.writeLong(target.lowest);
      to.writeLong(target.highest);
      to.writeLong(target.received);
      to.writeLong(target.lostBefore);
    }
  }

  void load(DataInput from) throws IOException {
    load(from, true);
  }

  /// @param withRestarts false for what was saved before a count could begin anew
  void load(DataInput from, boolean withRestarts) throws IOException {
    told = from.readLong();
    for (int left = from.readByte(); left > 0; left--) {
      Target target = new Target();
      target.port = from.readInt();
      target.lowest = from.readLong();
      target.highest = from.readLong();
      target.received = from.readLong();
      target.lostBefore = withRestarts ? from.readLong() : 0;
      targets.add(target);
    }
  }
}
