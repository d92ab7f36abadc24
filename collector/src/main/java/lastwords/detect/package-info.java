/// Recognises how kernels report trouble and makes of each report one [lastwords.kernel.Crash].
///
/// What there is to recognise is data: [Faults] (what goes wrong in the kernel itself), [Panics]
/// and [Incidents] (what the kernel says of disks, networks, memory and hardware) are tables of
/// [Row], and [Blameless] names the functions that are never at fault. The machinery is small:
/// [Gate] says which lines are worth a look, [Table] nominates a line by literals, [Report]
/// collects what follows it, [Reading] makes a crash of it, [Detector] does so for the stream of
/// one host. [LogText] and [Analyzer] feed the same engine from files. A new way to report trouble
/// is a new row and a report beside the tests.
@org.jspecify.annotations.NullMarked
package lastwords.detect;
