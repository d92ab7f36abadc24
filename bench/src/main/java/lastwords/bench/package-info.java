/// What each stage costs for one datagram or message, and what the receive path does under load.
///
/// [lastwords.bench.Main] runs all of it: the JMH benchmarks, and [lastwords.bench.Flood] as
/// `flood`. How, and what came out, is in `bench/README.md`.
@org.jspecify.annotations.NullMarked
package lastwords.bench;
