package lastwords.readers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import lastwords.assemble.HostNames;
import lastwords.decode.Heap;
import lastwords.kernel.Event;
import lastwords.kernel.Host;
import lastwords.kernel.KernelMessage;
import lastwords.linux.Priority;
import lastwords.store.Checkpoint;
import lastwords.store.Index;
import lastwords.store.Ledger;
import lastwords.store.Log;
import lastwords.store.LostWritesException;

/// Reads the log and the ledger's crashes for searching: decode → assemble → messages into the
/// index, crashes as they are written.
///
/// Its place is kept in the ledger after the index is committed, under the index's own name: an
/// index that was deleted is a new one, which begins at the start. Messages written again replace
/// themselves.
public final class Indexing extends Reader {
  private static final String NAME = "indexing";

  /// A commit waits for the disk, so it is rare where searches in this process see more than that.
  public static final Duration COMMIT_EVERY = Duration.ofSeconds(10);

  /// Where another process serves the searches: it sees commits only.
  public static final Duration COMMIT_FOR_OTHERS_EVERY = Duration.ofSeconds(1);

  private static final Duration REFRESH_EVERY = Duration.ofMillis(500);
  private static final int CRASHES_PER_ROUND = 500;

  // The notes that stay with the index.
  private static final String INDEX = "index";
  private static final String LEDGER = "ledger";
  private static final String CHANGE = "change";
  private static final String DROPPED = "dropped";

  private final Index index;
  private final Ledger ledger;
  private final Collected messages;
  private String indexId = "";
  private long lastChange;
  private long lastDropped;
  private final Pace refreshes = new Pace(REFRESH_EVERY);
  private boolean unseen;
  private long addedOffset;
  private volatile long findableOffset;

  /// @param commitEvery how often what is found survives this process
  public Indexing(
      Log log,
      Ledger ledger,
      Index index,
      HostNames names,
      InstantSource clock,
      Duration commitEvery) {
    this(log, ledger, index, names, clock, commitEvery, new Collected());
  }

  private Indexing(
      Log log,
      Ledger ledger,
      Index index,
      HostNames names,
      InstantSource clock,
      Duration commitEvery,
      Collected messages) {
    super(
        NAME,
        log,
        names,
        clock,
        commitEvery,
        () -> messages::add,
        Priority.INDEXING,
        index.notes().containsKey(INDEX) ? ledger.offset(NAME) : 0);
    this.index = index;
    this.ledger = ledger;
    this.messages = messages;
    this.findableOffset = settledOffset();
  }

  /// Every datagram before this one can be found by a search.
  public long findableOffset() {
    return findableOffset;
  }

  @Override
  Ledger.Place start() {
    Map<String, String> notes = index.notes();
    indexId = notes.getOrDefault(INDEX, UUID.randomUUID().toString());
    lastChange =
        ledger.id().equals(notes.get(LEDGER)) ? Long.parseLong(notes.getOrDefault(CHANGE, "0")) : 0;
    lastDropped = lastChange == 0 ? 0 : Long.parseLong(notes.getOrDefault(DROPPED, "0"));
    messages.clear();
    Ledger.Place place = ledger.place(NAME);
    Optional<Checkpoint.State> of = state(INDEX);
    if (of.isEmpty() || !new String(of.get().bytes(), UTF_8).equals(indexId)) {
      ledger.forget(NAME);
      addedOffset = 0;
      findableOffset = 0;
      return Ledger.Place.START;
    }
    addedOffset = place.offset();
    findableOffset = addedOffset;
    List<String> addresses = place.addresses().stream().filter(key -> !key.equals(INDEX)).toList();
    return new Ledger.Place(place.offset(), addresses);
  }

  @Override
  Optional<Checkpoint.State> state(String address) {
    return ledger.state(NAME, address);
  }

  @Override
  List<Host> known() {
    return ledger.hosts();
  }

  @Override
  void passOn(long nowMicros, long settledOffset) {
    try {
      write(nowMicros, settledOffset);
    } catch (LostWritesException e) {
      startOver();
      throw e;
    }
  }

  /// Crashes first: where the disk has no room for messages, they can still be found.
  private void write(long nowMicros, long settledOffset) {
    List<Ledger.Change> changes = ledger.changedCrashesAfter(lastChange, CRASHES_PER_ROUND);
    if (!changes.isEmpty()) {
      index.put(changes.stream().map(Ledger.Change::crash).toList());
      lastChange = changes.getLast().number();
      unseen = true;
    }
    List<Ledger.Gone> dropped = ledger.droppedCrashesAfter(lastDropped, CRASHES_PER_ROUND);
    if (!dropped.isEmpty()) {
      index.drop(dropped.stream().map(Ledger.Gone::id).toList());
      lastDropped = dropped.getLast().number();
      unseen = true;
    }
    if (!unseen) {
      findableOffset = addedOffset;
    } else if (refreshes.isDue(nowMicros)) {
      index.refresh();
      unseen = false;
      findableOffset = addedOffset;
      refreshes.done(nowMicros);
    }
    if (!messages.list.isEmpty()) {
      index.add(messages.list);
      messages.clear();
      unseen = true;
    }
    addedOffset = settledOffset;
  }

  @Override
  void keep(Checkpoint checkpoint) {
    try {
      index.commit(
          Map.of(
              INDEX,
              indexId,
              LEDGER,
              ledger.id(),
              CHANGE,
              Long.toString(lastChange),
              DROPPED,
              Long.toString(lastDropped)));
    } catch (LostWritesException e) {
      startOver();
      throw e;
    }
    Map<String, Checkpoint.State> states = new HashMap<>(checkpoint.states());
    states.put(INDEX, new Checkpoint.State(0, indexId.getBytes(UTF_8)));
    ledger.save(NAME, new Checkpoint(checkpoint.offset(), states, checkpoint.forgotten()));
  }

  @Override
  long collectedBytes() {
    return messages.bytes;
  }

  /// The messages not yet in the index, and the heap bytes they occupy at the most.
  private static final class Collected {
    /// A message without its texts.
    private static final long MESSAGE_BYTES = 200;

    final List<KernelMessage> list = new ArrayList<>();
    long bytes;

    void add(Event event) {
      if (event instanceof KernelMessage message) {
        list.add(message);
        bytes +=
            MESSAGE_BYTES
                + Heap.of(message.text())
                + Heap.of(message.dictionary())
                + Heap.of(message.userdata());
      }
    }

    void clear() {
      list.clear();
      bytes = 0;
    }
  }
}
