package lastwords.assemble;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import lastwords.kernel.HostSource;
import org.jspecify.annotations.Nullable;

/// What the inventory and reverse DNS, where that is on, call an address; [HostNaming] decides
/// between them and the host's own userdata.
///
/// DNS is asked by threads of its own and never waited for: until an answer is there the address
/// stands for the host. Answers, also that there is none, are kept for [#DNS_KEPT_NANOS] and asked
/// again then, since names appear later. Safe for any number of threads.
public final class HostNames implements AutoCloseable {
  /// Answers kept at once; one more makes the one leave that was needed longest ago.
  static final int MAX_DNS_ANSWERS = 200_000;

  /// Addresses waiting to be asked for; another is asked for when its host speaks again later.
  private static final int MAX_DNS_WAITING = 10_000;

  private static final long DNS_KEPT_NANOS = TimeUnit.HOURS.toNanos(1);

  /// @param source where the name comes from
  /// @param claimed a name in the sender's userdata that belongs to another host, null while there
  ///   is none
  /// @param labels those of the inventory
  public record Name(
      String host, HostSource source, @Nullable String claimed, Map<String, String> labels) {}

  private record Answer(@Nullable String name, long askedNanos) {}

  private volatile Inventory inventory;
  private final Function<InetAddress, String> lookUp;
  private final @Nullable ThreadPoolExecutor dns;

  /// Also the lock that guards it. Needed longest ago first.
  private final LinkedHashMap<InetAddress, Answer> answers = new LinkedHashMap<>(64, 0.75f, true);

  private volatile int version;
  private volatile int inventoryVersion;

  public HostNames(Inventory inventory, boolean reverseDns) {
    this(inventory, reverseDns, InetAddress::getCanonicalHostName);
  }

  /// @param lookUp what DNS calls an address; the address itself where it has no name
  HostNames(Inventory inventory, boolean reverseDns, Function<InetAddress, String> lookUp) {
    this.inventory = inventory;
    this.lookUp = lookUp;
    this.dns =
        reverseDns
            ? new ThreadPoolExecutor(
                4,
                4,
                1,
                TimeUnit.MINUTES,
                new LinkedBlockingQueue<>(MAX_DNS_WAITING),
                Thread.ofPlatform().daemon().name("reverse-dns-", 0).factory(),
                new ThreadPoolExecutor.AbortPolicy())
            : null;
  }

  /// Changes when an address may have another name than before.
  int version() {
    return version;
  }

  /// Changes when the inventory is another one.
  int inventoryVersion() {
    return inventoryVersion;
  }

  Inventory inventory() {
    return inventory;
  }

  /// Takes another inventory: from now on every host is called as it says.
  @SuppressWarnings("NonAtomicVolatileUpdate") // any change of the numbers will do
  public void use(Inventory changed) {
    if (changed.equals(inventory)) {
      return;
    }
    inventory = changed;
    inventoryVersion++;
    version++;
  }

  /// The name that reverse DNS has for the address; null while none is known, and where DNS is off.
  @Nullable String resolved(InetAddress source) {
    return dns == null || source.isLoopbackAddress() ? null : resolved(dns, source);
  }

  private @Nullable String resolved(ThreadPoolExecutor by, InetAddress source) {
    long now = System.nanoTime();
    Answer answer;
    synchronized (answers) {
      answer = answers.get(source);
      if (answer != null && now - answer.askedNanos() <= DNS_KEPT_NANOS) {
        return answer.name();
      }
      keep(source, new Answer(answer == null ? null : answer.name(), now));
    }
    try {
      by.execute(() -> ask(source));
    } catch (RejectedExecutionException tooMany) {
      synchronized (answers) {
        answers.remove(source);
      }
    }
    return answer == null ? null : answer.name();
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // any change of the number will do
  private void ask(InetAddress source) {
    String address = source.getHostAddress();
    String name = lookUp.apply(source);
    synchronized (answers) {
      keep(
          source,
          new Answer(name.equals(address) ? null : HostName.clean(name), System.nanoTime()));
    }
    version++;
  }

  private void keep(InetAddress source, Answer answer) {
    answers.put(source, answer);
    if (answers.size() > MAX_DNS_ANSWERS) {
      answers.pollFirstEntry();
    }
  }

  /// Answers kept now.
  int answers() {
    synchronized (answers) {
      return answers.size();
    }
  }

  @Override
  public void close() {
    if (dns != null) {
      dns.shutdownNow();
    }
  }
}
