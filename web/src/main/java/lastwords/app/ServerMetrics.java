package lastwords.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import lastwords.assemble.StreamCounters;

/// The counters beyond `/stats`, for `/metrics`.
final class ServerMetrics {
  private ServerMetrics() {}

  static void register(PrometheusMeterRegistry registry, Server server) {
    counter(
        registry,
        "lastwords.refused",
        "datagrams passed over because their sender is on no allow-list",
        server,
        it -> it.receiver == null ? 0 : it.receiver.counters().refused.sum());
    counter(
        registry,
        "lastwords.not.appended",
        "datagrams lost because the log could not be written",
        server,
        it -> it.receiver == null ? 0 : it.receiver.counters().notAppended.sum());
    stream(registry, server, "extended", "datagrams in the extended format", c -> c.extended);
    stream(registry, server, "basic", "datagrams in the basic format", c -> c.basic);
    stream(registry, server, "messages", "messages handed on", c -> c.messages);
    stream(registry, server, "duplicates", "records that came again", c -> c.duplicates);
    stream(registry, server, "copies", "basic records that came extended too", c -> c.copies);
    stream(
        registry,
        server,
        "sequence.gaps",
        "sequence numbers never received, sent or not",
        c -> c.sequenceGaps);
    stream(registry, server, "late", "messages after the window for order", c -> c.late);
    stream(registry, server, "incomplete", "records that miss a fragment", c -> c.incomplete);
    stream(registry, server, "overflows", "records handed on early at a bound", c -> c.overflows);
    stream(registry, server, "boots", "boots seen", c -> c.boots);
    stream(registry, server, "evicted.hosts", "hosts forgotten for others", c -> c.evictedHosts);
    Gauge.builder(
            "lastwords.hosts",
            server,
            it -> it.analysis == null ? 0 : it.analysis.counters().hosts.get())
        .description("hosts known now")
        .register(registry);
    Gauge.builder(
            "lastwords.hosts.in.memory",
            server,
            it -> it.analysis == null ? 0 : it.analysis.counters().hostsInMemory.get())
        .description("hosts known now that analysis has in memory; the others are idle")
        .register(registry);
    counter(
        registry,
        "lastwords.crashes",
        "crashes found",
        server,
        it -> it.analysis == null ? 0 : it.analysis.detection().crashes().sum());
    counter(
        registry,
        "lastwords.unreadable.reports",
        "reports told by their headline alone, because reading the rest failed",
        server,
        it -> it.analysis == null ? 0 : it.analysis.detection().unreadable().sum());
    counter(
        registry,
        "lastwords.missed",
        "datagrams that retention deleted before analysis read them",
        server,
        it -> it.analysis == null ? 0 : it.analysis.missed());
    counter(
        registry,
        "lastwords.alarms",
        "alarms raised",
        server,
        it -> it.alerting == null ? 0 : it.alerting.counters().raised().sum());
  }

  private static void stream(
      PrometheusMeterRegistry registry,
      Server server,
      String name,
      String help,
      Function<StreamCounters, LongAdder> which) {
    counter(
        registry,
        "lastwords." + name,
        help,
        server,
        it -> it.analysis == null ? 0 : which.apply(it.analysis.counters()).sum());
  }

  private static void counter(
      PrometheusMeterRegistry registry,
      String name,
      String help,
      Server server,
      ToDoubleFunction<Server> value) {
    FunctionCounter.builder(name, server, value).description(help).register(registry);
  }
}
