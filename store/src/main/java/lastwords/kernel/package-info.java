/// The nouns: what a datagram, a kernel message, a boot, a crash, a host and an alarm are.
///
/// All of them are immutable values without behaviour of their own, shared by every module. Times
/// are microseconds since 1970 in UTC (`…Micros`); an absent number is -1 in
/// [lastwords.kernel.KernelMessage], which is made by the million, and null everywhere else.
@org.jspecify.annotations.NullMarked
package lastwords.kernel;
