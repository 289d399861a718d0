// Events as a pcapng file, which Wireshark opens and `decode` reads back.

package import Events
internal import Output

/// Writes packets that could have carried what was recorded: the bytes and times are real, the TCP around them is made
/// up.
package struct PcapngFormat: EventFormat, Sendable {
    private var tcp = SyntheticTCP()
    private let program: String
    private let comments: [String]
    private var hasBegun = false

    /// A file of its own.
    ///
    /// - Parameters:
    ///   - program: what writes it.
    ///   - comments: remarks on the whole file.
    package init(program: String, comments: [String] = []) {
        self.program = program
        self.comments = comments
    }

    /// Appends what stands before all packets, unless that has happened.
    package mutating func begin(to bytes: inout [UInt8]) {
        guard !hasBegun else { return }
        hasBegun = true
        PcapngWriter.begin(program: program, comments: comments, to: &bytes)
    }

    /// Appends the packets of an event. What is no one's words, such as a finding, is a remark on the next packet.
    package mutating func append(_ event: Event, to bytes: inout [UInt8]) {
        begin(to: &bytes)
        var packets: [SyntheticTCP.Packet] = []
        tcp.take(event) { packets.append($0) }
        append(packets, to: &bytes)
    }

    /// Appends what waited for more to come.
    package mutating func finish(to bytes: inout [UInt8]) {
        begin(to: &bytes)
        var packets: [SyntheticTCP.Packet] = []
        tcp.finish { packets.append($0) }
        append(packets, to: &bytes)
    }

    private mutating func append(_ packets: [SyntheticTCP.Packet], to bytes: inout [UInt8]) {
        for name in tcp.takeNewNames() { PcapngWriter.name(name.name, of: name.address, to: &bytes) }
        for packet in packets {
            PcapngWriter.packet(
                packet.bytes, at: packet.time, originalLength: packet.length, comments: packet.comments, to: &bytes)
        }
    }
}
