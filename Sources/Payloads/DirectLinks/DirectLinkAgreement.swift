// Finds where a message names addresses for a direct link between clients (addresses.md sections 9 and 10).

package import MSNP

/// A MSG that names addresses at which a client waits for a direct link, and the places of these lines in it.
package struct DirectLinkAgreement: Sendable {
    /// What carries the lines.
    package enum Carrier: Sendable, Hashable {
        /// An invitation before MSNSLP, as for MSNFTP.
        case invitation
        /// MSNSLP in a packet whose first byte is here.
        case packet(PeerVersion, at: Int)
    }

    /// The names of the lines, in lower case.
    package enum Key: String, Sendable, CaseIterable {
        case internalList = "ipv4internal-addrs"
        case internalPort = "ipv4internal-port"
        case externalList = "ipv4external-addrs"
        case externalPort = "ipv4external-port"
        case internalPairs = "ipv4internaladdrsandports"
        case externalPairs = "ipv4externaladdrsandports"
        case pairs6 = "ipv6addrsandports"
        case list6 = "ipv6-addrs"
        case global6 = "ipv6-global"
        case address = "ip-address"
        case internalAddress = "ip-address-internal"
        case encodedAddress = "ip-address-enc64"
        case port
        case maskedPort = "portx"
        case maskedInternalPort = "portx-internal"

        /// Whether the line has an address, without which its port is of no use.
        package var isAddress: Bool {
            switch self {
            case .internalPort, .externalPort, .port, .maskedPort, .maskedInternalPort: false
            default: true
            }
        }

        fileprivate static let byName = Dictionary(uniqueKeysWithValues: allCases.map { (Array($0.rawValue.utf8), $0) })
        fileprivate static let longest = allCases.map(\.rawValue.utf8.count).max() ?? 0
    }

    /// A line with its places in the frame.
    package struct Line: Sendable, Hashable {
        package var key: Key
        package var name: Range<Int>
        package var value: Range<Int>
        /// Whether name and value are written backwards, as WLM does.
        package var isBackward: Bool
    }

    package let frame: Frame
    package let carrier: Carrier
    package let lines: [Line]
    /// The value of `Content-Length` of the MSNSLP message.
    let contentLength: Range<Int>?
    /// The packet of version 1 that carries the whole message; nil for anything else.
    let wholePacket: PeerHeader?

    /// Parses a command; nil if it names no address of a direct link.
    package init?(_ frame: Frame, from side: Side) {
        guard frame.verb == "MSG", let type = Headers.value(of: "content-type", in: frame.payload) else { return nil }
        let content: ByteSlice
        if Headers.equal(frame.bytes[type].prefix { $0 != 0x3B && $0 != 0x20 }, "text/x-msmsgsinvite") {
            (carrier, content, wholePacket) = (.invitation, frame.payload, nil)
        } else {
            guard let envelope = PeerEnvelope(frame, from: side), envelope.packets.count == 1,
                let bytes = envelope.packets.first,
                let packet = try? PeerPacket(bytes, version: envelope.version), packet.session == 0
            else { return nil }
            (carrier, content) = (.packet(envelope.version, at: bytes.startIndex), packet.data)
            if case .one(let header) = packet.header, header.offset == 0, packet.wrongLength == nil,
                header.totalSize == UInt64(packet.data.count)
            {
                wholePacket = header
            } else {
                wholePacket = nil
            }
        }
        var (lines, length): ([Line], Range<Int>?) = ([], nil)
        Headers.forEachLine(in: content) { name, value in
            if length == nil, Headers.equal(frame.bytes[name], "content-length") { length = value }
            guard lines.count < Key.allCases.count, let (key, isBackward) = Self.key(frame.bytes[name]) else { return }
            lines.append(Line(key: key, name: name, value: value, isBackward: isBackward))
        }
        guard lines.contains(where: { $0.key.isAddress && !$0.value.isEmpty }) else { return nil }
        (self.frame, self.lines, contentLength) = (frame, lines, length)
    }

    private static func key(_ name: ByteSlice) -> (Key, isBackward: Bool)? {
        guard name.count <= Key.longest else { return nil }
        let small = name.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        if let key = Key.byName[small] { return (key, false) }
        return Key.byName[small.reversed()].map { ($0, true) }
    }

    /// The first line with this name.
    package func line(_ key: Key) -> Line? { lines.first { $0.key == key } }

    /// The value of a line, read forwards.
    package func text(_ line: Line) -> String {
        let bytes = frame.bytes[line.value]
        return String(decoding: line.isBackward ? Array(bytes.reversed()) : Array(bytes), as: UTF8.self)
    }

    /// The addresses at which the client waits: those of its own network first.
    package var addresses: [HostPort] {
        let lists: [(Key, Key)] = [
            (.internalList, .internalPort), (.externalList, .externalPort), (.internalAddress, .port),
            (.address, .port),
        ]
        var found: [HostPort] = []
        for (list, port) in lists {
            guard let list = line(list), let port = line(port).flatMap({ UInt16(text($0)) }), port > 0 else { continue }
            for host in text(list).split(separator: " ") {
                let address = HostPort(String(host), port)
                if address.ipv4 != nil, !found.contains(address), found.count < 16 { found.append(address) }
            }
        }
        return found
    }

    /// The frame with no address in it, at the same length: the first letter of the names becomes `X`, and clients ignore
    /// lines that they do not know.
    package func refused() -> [UInt8] { frame.replacing(lines.filter(\.key.isAddress).map(Self.disabling)) }

    /// The change that makes a line unknown.
    static func disabling(_ line: Line) -> (range: Range<Int>, with: [UInt8]) {
        let first = line.isBackward ? line.name.upperBound - 1 : line.name.lowerBound
        return (first..<first + 1, [0x58])
    }
}
