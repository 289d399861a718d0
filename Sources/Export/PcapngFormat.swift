// Writes events as a pcapng file, which Wireshark opens and `decode` reads back.

package import Events
internal import Output

/// Writes synthetic TCP packets around recorded payload: bytes and times are real, the TCP is not.
package struct PcapngFormat: EventFormat, Sendable {
    private var tcp = SyntheticTCP()
    private let program: String
    private let comments: [String]
    private var hasBegun = false

    /// Creates the state of one file.
    ///
    /// - Parameters:
    ///   - program: name and version of the writing program.
    ///   - comments: comments on the whole file.
    package init(program: String, comments: [String] = []) {
        self.program = program
        self.comments = comments
    }

    /// Appends the section and interface headers, once.
    package mutating func begin(to bytes: inout [UInt8]) {
        guard !hasBegun else { return }
        hasBegun = true
        PcapngWriter.begin(program: program, comments: comments, to: &bytes)
    }

    /// Appends the packets of an event. An event without payload, such as a finding, becomes a comment on the next
    /// packet.
    package mutating func append(_ event: Event, to bytes: inout [UInt8]) {
        begin(to: &bytes)
        var packets: [SyntheticTCP.Packet] = []
        tcp.add(event) { packets.append($0) }
        append(packets, to: &bytes)
    }

    /// Appends data that waited for a possible continuation.
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
