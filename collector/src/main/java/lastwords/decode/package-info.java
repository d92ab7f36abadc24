/// Takes one datagram apart: which format it is in, its header, its text, and what is attached to
/// it.
///
/// [lastwords.decode.Decoder] knows nothing of hosts and of other datagrams and keeps no state;
/// what belongs together is for `lastwords.assemble` to find. Formats: Linux
/// `Documentation/networking/netconsole.rst` and `drivers/net/netconsole.c`.
@org.jspecify.annotations.NullMarked
package lastwords.decode;
