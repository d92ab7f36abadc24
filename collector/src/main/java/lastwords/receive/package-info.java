/// Takes datagrams off the network into the log, as fast as the machine can and without a look
/// inside.
///
/// [lastwords.receive.Receiver] is the one place that knows Netty.
@org.jspecify.annotations.NullMarked
package lastwords.receive;
