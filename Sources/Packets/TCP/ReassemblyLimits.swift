// All limits of this module, with their reasons.

/// Limits on memory and waiting time. Times are nanoseconds of packet time, never of the wall clock.
///
/// Every loss due to a limit is reported: as a gap, as a finding, or in the counts of the dissector.
package struct ReassemblyLimits: Sendable {
    /// A gap that the other side has acknowledged is declared missing when, since later data came, the connection had
    /// this many more packets *and* `reorderTime` has passed. Captures from several queues or cards swap a few packets,
    /// some dozens in a burst.
    package var reorderPackets = 32
    /// The time for `reorderPackets`. Files merged from several cards are some milliseconds apart.
    package var reorderTime: Int64 = 200_000_000
    /// A retransmission may still fill a gap without an acknowledgement; it is declared missing after this many more
    /// packets of the connection. Fast retransmission comes within a window, about 45 segments for 64 KiB.
    package var retransmissionPackets = 1024
    /// Any gap is declared missing when later data has waited this long. RFC 1122 section 4.2.3.5 lets a sender give up
    /// after 100 s; common systems retransmit for some minutes.
    package var retransmissionTime: Int64 = 300_000_000_000
    /// Without a SYN, the first bytes are held for this many packets of the connection, because earlier bytes may
    /// follow.
    package var startPackets = 8
    /// The limit on that wait in time; whichever limit comes first ends it. Long enough for retransmissions, short
    /// compared with a session.
    package var startTime: Int64 = 60_000_000_000
    /// A connection is reported closed this long after its end, so that reordered last bytes still belong to it.
    package var closeDelay: Int64 = 1_000_000_000
    /// A segment further than this from the stream's current end counts only if a second one continues it. Windows of
    /// the period end at 64 KiB; a gap in a capture may be larger.
    package var plausibleJump = 16 << 20
    /// The limit on the distance of a reset's sequence number from the stream's current end: one window. RFC 9293
    /// section 3.10.7.4 requires a number inside the window; captures may lack the data just before it.
    package var resetDistance = 1 << 20
    /// Bytes held back for one direction, counting `segmentCost` for each segment: 16 full windows of 64 KiB.
    package var directionBytes = 1 << 20
    /// Bytes held back for all connections together; beyond it, the connection that has waited longest delivers its
    /// bytes.
    package var totalBytes = 16 << 20
    /// Delivered bytes of each direction kept to compare retransmissions with: more than two full segments. A power of
    /// two.
    package var historyBytes = 4096
    /// Delivered bytes kept by all connections together. Beyond it, new connections compare nothing.
    package var totalHistoryBytes = 8 << 20
    /// Gaps listed for one direction; further ones are only counted.
    package var listedGaps = 4096
    /// Connections in memory at a time. Beyond it, the one idle longest of a sample is dropped.
    package var connections = 65_536
    /// An idle connection is closed after this time: RFC 5382 lets NAT forget one after 2 h 4 min, and MSN clients ping
    /// about once a minute.
    package var idleTime: Int64 = 7440 * 1_000_000_000
    /// An ended connection stays in memory this long, so that its late packets open no new one. This is the time-wait
    /// of most systems (RFC 9293 specifies four minutes, they use one or two).
    package var lingerTime: Int64 = 60_000_000_000
    /// Incomplete IP datagrams at a time.
    package var fragmentedDatagrams = 256
    /// Bytes of all incomplete IP datagrams.
    package var fragmentBytes = 1 << 20
    /// A datagram waits this long for its fragments: RFC 791 section 3.2 proposes 15 s, most systems use 30 s.
    package var fragmentTime: Int64 = 30_000_000_000

    /// Bytes of bookkeeping for each held segment.
    static let segmentCost = 128

    /// The defaults.
    package init() {}
}
