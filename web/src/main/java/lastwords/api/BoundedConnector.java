package lastwords.api;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.IO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Accepts what [Connections] admits, and closes what is overdue.
///
/// Jetty's own limit of connections stops accepting, which would keep probes of this machine out
/// too; this one accepts and closes. A failing accept, such as without file descriptors, is logged
/// when it begins, not each second.
final class BoundedConnector extends ServerConnector {
  private static final Logger LOG = LoggerFactory.getLogger(BoundedConnector.class);

  /// Connections of which the kernel waits for us to take them; beyond, it drops their requests.
  private static final int ACCEPT_QUEUE = 128;

  private static final long RETRY_MILLIS = 200;
  private static final long SWEEP_SECONDS = 1;

  private final Connections connections;
  private final LongAdder acceptFailures = new LongAdder();
  private volatile boolean failing;

  BoundedConnector(Server server, HttpConfiguration http, Connections connections) {
    super(server, 1, 1, new HttpConnectionFactory(http));
    this.connections = connections;
    setIdleTimeout(Connections.IDLE.toMillis());
    setAcceptQueueSize(ACCEPT_QUEUE);
  }

  /// Failed calls of accept since the start.
  long acceptFailures() {
    return acceptFailures.sum();
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    sweep();
  }

  private void sweep() {
    Set<Channel> overdue = connections.overdue(System.nanoTime());
    if (!overdue.isEmpty()) {
      for (EndPoint end : getConnectedEndPoints()) {
        if (end.getTransport() instanceof Channel channel && overdue.contains(channel)) {
          end.close(new TimeoutException("the request or its answer took too long"));
        }
      }
      overdue.forEach(IO::close);
    }
    if (isRunning() || isStarting()) {
      getScheduler().schedule(this::sweep, SWEEP_SECONDS, TimeUnit.SECONDS);
    }
  }

  @Override
  public void accept(int acceptor) throws IOException {
    if (!(getTransport() instanceof ServerSocketChannel listening) || !listening.isOpen()) {
      return;
    }
    SocketChannel channel = listening.accept();
    failing = false;
    boolean taken = false;
    try {
      if (channel.getRemoteAddress() instanceof InetSocketAddress from
          && connections.admit(channel, from.getAddress(), System.nanoTime())
              == Connections.Verdict.ADMITTED) {
        channel.configureBlocking(false);
        configure(channel.socket());
        getSelectorManager().accept(channel);
        taken = true;
      }
    } catch (IOException e) {
      LOG.debug("connection closed before it was taken", e);
    } finally {
      if (!taken) {
        channel.close();
      }
    }
  }

  @Override
  protected boolean handleAcceptFailure(Throwable why) {
    if (!isRunning() || why instanceof ClosedChannelException) {
      return false;
    }
    acceptFailures.increment();
    if (!failing) {
      failing = true;
      LOG.error("accepting HTTP connections failed and is retried: {}", why.toString());
    }
    try {
      Thread.sleep(RETRY_MILLIS);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }
}
