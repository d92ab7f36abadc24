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

/// What an address is called: by the inventory, else by reverse DNS when that is on, else by the
/// address itself. (Userdata that names the host wins over all of them; its stream knows that.)
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

  /// Longest name taken from userdata; DNS allows 253 characters.
  private static final int MAX_NAME_CHARS = 255;

  /// @param source where the name comes from
  /// @param claimed a name in the sender's userdata that belongs to another host, null while there
  ///   is none
  /// @param labels those of the inventory
  public record Name(
      String host, HostSource source, @Nullable String claimed, Map<String, String> labels) {}

  private record Answer(@Nullable String name, long askedNanos) {}

  private final Inventory inventory;
  private final Function<InetAddress, String> lookUp;
  private final @Nullable ThreadPoolExecutor dns;

  /// Also the lock that guards it. Needed longest ago first.
  private final LinkedHashMap<InetAddress, Answer> answers = new LinkedHashMap<>(64, 0.75f, true);

  private volatile int version;

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

  Name of(InetAddress source, String address) {
    Inventory.Entry entry = inventory.find(source);
    Map<String, String> labels = entry == null ? Map.of() : entry.labels();
    if (entry != null && entry.host() != null) {
      return new Name(entry.host(), HostSource.INVENTORY, null, labels);
    }
    String resolved = dns == null || source.isLoopbackAddress() ? null : resolved(dns, source);
    return resolved == null
        ? new Name(address, HostSource.ADDRESS, null, labels)
        : new Name(resolved, HostSource.DNS, null, labels);
  }

  /// The host as its userdata names it.
  Name named(String host, InetAddress source) {
    Inventory.Entry entry = inventory.find(source);
    return new Name(
        host.length() > MAX_NAME_CHARS ? host.substring(0, MAX_NAME_CHARS) : host,
        HostSource.USERDATA,
        null,
        entry == null ? Map.of() : entry.labels());
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
      keep(source, new Answer(name.equals(address) ? null : name, System.nanoTime()));
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
