/// What is news, and who is told.
///
/// [lastwords.alert.Alerting] is the door: it reads the ledger's crashes in the order they were
/// written, raises alarms, and delivers them to the targets that [lastwords.alert.AlertSettings]
/// names. [lastwords.alert.News] decides, without clock or I/O; [lastwords.alert.Target] is how one
/// kind of receiver wants to be told; [lastwords.alert.Courier] brings one target its deliveries.
/// Each hook has a [lastwords.alert.Worker], which is replaced when the hook is configured
/// otherwise.
@org.jspecify.annotations.NullMarked
package lastwords.alert;
