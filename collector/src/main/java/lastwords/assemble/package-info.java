/// Rebuilds each host's stream from its datagrams: fragments, order, duplicates, gaps, boots, two
/// formats at once.
///
/// [lastwords.assemble.HostStreams] takes the log's datagrams in their order and hands each host's
/// events, in that host's order, to a [lastwords.assemble.HostReader] of its own. It reads no
/// clock: the receive times in the log decide, so reading again decides the same. One thread owns
/// it all.
@org.jspecify.annotations.NullMarked
package lastwords.assemble;
