/// The three stores behind three interfaces, and what is handed in and out of them.
///
/// [lastwords.store.Log] holds every datagram as it came, [lastwords.store.Ledger] what outlives
/// the log or cannot be derived, [lastwords.store.Index] what is searched and may be dropped. Each
/// has a contract test that every implementation extends. What a log is made of has one format for
/// all of them: [lastwords.store.DatagramBatch] and, compressed, [lastwords.store.PackedBatch].
@org.jspecify.annotations.NullMarked
package lastwords.store;
