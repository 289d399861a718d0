// Every bound of this module, with its reason.

/// Bounds on memory and patience. Times are nanoseconds of packet time, never of the clock on the wall.
///
/// What is given up because of a bound is reported: as a gap, a finding, or in the counts of the dissector.
package struct ReassemblyLimits: Sendable {
    /// A hole that the other side has acknowledged is declared missing when, since later data came, the connection
    /// has seen so many more packets *and* `reorderTime` has passed. Captures of several queues or cards swap a few, in
    /// a burst some dozens.
    package var reorderPackets = 32
    /// The time that goes with `reorderPackets`; files mixed from several cards are some milliseconds apart.
    package var reorderTime: Int64 = 200_000_000
    /// A hole that nobody has acknowledged may still be filled by a retransmission: it is declared when the connection
    /// has seen so many more packets. Fast retransmission comes within a window, about 45 segments for 64 KiB.
    package var retransmissionPackets = 1024
    /// Any hole is declared when later data has waited that long. RFC 1122 section 4.2.3.5 lets a sender give up
    /// after 100 s; common systems repeat for some minutes.
    package var retransmissionTime: Int64 = 300_000_000_000
    /// Without a SYN the first bytes are held for so many packets of the connection, as earlier ones may still come.
    package var startPackets = 8
    /// The same in time; whichever passes first. Long enough for retransmissions, short against a session.
    package var startTime: Int64 = 60_000_000_000
    /// How long after its end a connection is reported closed, so that reordered last bytes still belong to it.
    package var closeDelay: Int64 = 1_000_000_000
    /// A segment further than that from where the stream stands is believed only if a second one continues it. Real
    /// windows of the time end at 64 KiB; a hole in a capture may be larger.
    package var plausibleJump = 16 << 20
    /// How far the sequence number of a reset may be from where the stream stands: one window (RFC 9293 section
    /// 3.10.7.4 asks for one inside the window; captures may lack the data just before it).
    package var resetDistance = 1 << 20
    /// Bytes held back for one direction, counting `segmentCost` for each segment: 16 full windows of 64 KiB.
    package var directionBytes = 1 << 20
    /// Bytes held back for all connections together; the connection that has waited longest gives way.
    package var totalBytes = 16 << 20
    /// Delivered bytes of each direction that are kept to compare retransmissions with: two full segments and more.
    /// A power of two.
    package var historyBytes = 4096
    /// Delivered bytes kept by all connections together. Beyond it, new connections are not compared.
    package var totalHistoryBytes = 8 << 20
    /// Gaps listed for one direction; further ones are counted, not listed.
    package var listedGaps = 4096
    /// Connections remembered at a time. At the bound the one that was silent longest (of some looked at) gives way.
    package var connections = 65_536
    /// A connection that was silent for so long is closed: RFC 5382 lets NAT forget one after 2 h 4 min, and MSN
    /// clients ping every minute or so.
    package var idleTime: Int64 = 7440 * 1_000_000_000
    /// How long an ended connection is remembered, so that its stragglers make no new one: the time-wait of most
    /// systems (RFC 9293 says four minutes, they take one or two).
    package var lingerTime: Int64 = 60_000_000_000
    /// IP datagrams put together at a time.
    package var fragmentedDatagrams = 256
    /// Bytes of IP datagrams that are not whole yet.
    package var fragmentBytes = 1 << 20
    /// How long a datagram waits for its fragments: RFC 791 section 3.2 proposes 15 s, most systems take 30.
    package var fragmentTime: Int64 = 30_000_000_000

    /// What a held segment costs beyond its bytes.
    static let segmentCost = 128

    /// The defaults.
    package init() {}
}
