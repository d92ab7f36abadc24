/// The readers of the log: each a named place in it, and what it makes of what follows.
///
/// [lastwords.readers.Analysis] makes crashes for the ledger, [lastwords.readers.Indexing] messages
/// and crashes for the index. Each goes at a pace of its own on a thread of its own, so that a
/// flood to index never delays an alarm. What is read again changes nothing.
@org.jspecify.annotations.NullMarked
package lastwords.readers;
