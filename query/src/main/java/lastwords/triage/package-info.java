/// Judges from where a crash is seen, and where it is not, what to suspect behind it.
///
/// [lastwords.triage.Triager] takes how long hosts were watched with which release and hardware,
/// and where a signature was seen; it asks whether one machine, one hardware model or firmware, or
/// one release, or several in a row, have more than their share, by exact tests of the rates, and
/// says so with a stated confidence or says what is lacking. Nothing here reads a store or a clock.
///
/// How it counts. A fleet is not a sample of independent crashes: one machine can crash five
/// hundred times. So of a release and of a hardware model every host counts once, with its first
/// crash and its time up to it; hosts of different proneness make these tests more careful, not
/// less. Only the test of a single host counts repetitions, and of these one an hour. Given the
/// total, the number that falls on a part of the fleet is binomial with that part's share of the
/// host-hours (the exact conditional test of two Poisson rates), and Clopper and Pearson's interval
/// of that share is one of the rates' ratio. Everything tried is corrected for by Bonferroni.
@org.jspecify.annotations.NullMarked
package lastwords.triage;
