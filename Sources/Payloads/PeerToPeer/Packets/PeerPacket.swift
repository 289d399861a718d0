// Parses one packet of the peer-to-peer layer and validates its lengths.

package import MSNP

/// A packet, as in a message on a switchboard or on a direct link.
package struct PeerPacket: Sendable, Hashable {
    package typealias Version = PeerVersion

    package enum Header: Sendable, Hashable {
        case one(PeerHeader)
        case two(PeerHeader2)
    }

    /// Why bytes are not a packet.
    package enum Fault: Error, Sendable, Hashable {
        /// The bytes end inside the header, or the header's own lengths are invalid.
        case header
        /// The header announces another number of bytes than there are.
        case length(announced: Int, actual: Int)
    }

    package var header: Header
    package var data: ByteSlice
    /// The number after the data, which names the application; packets on direct links have none.
    package var footer: UInt32?
    /// The announced length of the data, if it is wrong; `data` then has the actual bytes.
    package var wrongLength: Int?
    /// Whether the last four bytes of `data` may be a footer. The announced length includes them, but may do so by
    /// chance if the sender announces wrong lengths.
    var mayEndInFooter = false
    /// The message, if the data is a complete MSNSLP message; at most one. An array, because most packets have none.
    private var messages: [SLPMessage] = []

    /// The MSNSLP message that the packet has from its first to its last byte.
    package var message: SLPMessage? { messages.first }

    /// The session identifier; 0 for MSNSLP.
    var session: UInt32 {
        switch header {
        case .one(let header): header.sessionID
        case .two(let header): header.data?.sessionID ?? 0
        }
    }

    /// Whether header and footer mark the data as a file (true) or an object (false); nil if they do not or disagree.
    var isFile: Bool? {
        let byFooter = footer.flatMap(PeerApplication.isFile)
        guard let byHeader = isFileByHeader else { return byFooter }
        return byFooter == nil || byFooter == byHeader ? byHeader : nil
    }

    private var isFileByHeader: Bool? {
        switch header {
        case .one(let header): header.isData ? header.flags & 0x10 != 0 : nil
        case .two(let header): header.data.flatMap { $0.isData ? $0.typeAndFirst / 2 == 3 : nil }
        }
    }

    /// Parses a packet that consists of all these bytes.
    ///
    /// - Parameter isOnLink: whether it was sent on a direct link, where packets have no footer.
    package init(_ bytes: ByteSlice, version: Version, isOnLink: Bool = false) throws(Fault) {
        let headers: Int
        let announced: Int
        let length: Int
        switch version {
        case .one:
            guard let header = PeerHeader(bytes) else { throw .header }
            self.header = .one(header)
            (headers, announced) = (PeerHeader.length, Int(header.chunkLength))
            let actual = bytes.count - headers
            length = Self.dataLength(header, actual, isOnLink: isOnLink)
            guard length == announced || announced <= Self.mostAnnounced else {
                throw .length(announced: announced, actual: length)
            }
            wrongLength = length == announced ? nil : announced
            mayEndInFooter = !isOnLink && length == actual && actual >= 4
        case .two:
            guard let header = PeerHeader2(bytes) else { throw .header }
            self.header = .two(header)
            (headers, announced) = (header.headersLength, header.dataLength)
            let actual = bytes.count - headers
            // The four bytes after the data are the footer.
            guard actual == announced || actual == announced + 4 else {
                throw .length(announced: announced, actual: actual)
            }
            length = announced
        }
        data = bytes.dropFirst(headers).prefix(length)
        var cursor = ByteCursor(bytes.dropFirst(headers + length))
        footer = cursor.big(UInt32.self)
        if hasWholeMessage, let message = SLPMessage(data) { messages = [message] }
    }

    /// Whether the data is that of one complete message, according to the header.
    var hasWholeMessage: Bool {
        guard !data.isEmpty, data.count <= SLPMessage.mostBytes else { return false }
        return switch header {
        case .one(let header):
            header.sessionID == 0 && header.offset == 0 && UInt64(data.count) == header.totalSize
        case .two(let header):
            header.data.map { $0.sessionID == 0 && $0.isFirst && $0.remaining == 0 } ?? false
        }
    }

    /// The maximum length that a header may announce; clients put about 1200 bytes into a packet.
    private static let mostAnnounced = 1 << 16

    /// The length of the data after a header of version 1: all bytes but the footer, which some clients omit. Pidgin
    /// 2.10.9 announces the length of the previous packet, so the actual number of bytes decides.
    private static func dataLength(_ header: PeerHeader, _ actual: Int, isOnLink: Bool) -> Int {
        let announced = Int(header.chunkLength)
        if actual == announced {
            // The previous packet's length may equal that of data and footer by chance. Both together then exceed the
            // message.
            let rest = header.totalSize.subtractingReportingOverflow(header.offset)
            let isTooMuch = !isOnLink && actual > 4 && !rest.overflow && rest.partialValue == UInt64(actual - 4)
            return isTooMuch ? actual - 4 : actual
        }
        if actual - announced == 4 { return announced }
        return isOnLink || actual < 4 ? actual : actual - 4
    }

    /// The kind of packet: `slp`, `preparation` (four zero bytes before the data), `object`, `file`, `data`,
    /// `acknowledgement`, `handshake`, or `control` for packets without data.
    package var kind: String {
        let isPreparation = data.elementsEqual([0, 0, 0, 0])
        switch header {
        case .one(let header):
            if header.flags & 0x100 != 0 { return "handshake" }
            if header.isAcknowledgement { return "acknowledgement" }
            if data.isEmpty { return "control" }
            if header.sessionID == 0 { return "slp" }
            if header.flags & 0x20 != 0 { return header.flags & 0x10 == 0 ? "object" : "file" }
            return isPreparation && header.totalSize == 4 ? "preparation" : "data"
        case .two(let header):
            guard let inner = header.data, !data.isEmpty else {
                return header.acknowledged == nil ? "control" : "acknowledgement"
            }
            switch inner.typeAndFirst / 2 {
            case 0: return inner.sessionID == 0 ? "slp" : isPreparation ? "preparation" : "data"
            case 2: return "object"
            case 3: return "file"
            case let other: return "type_\(other)"
            }
        }
    }

    /// The packet as named fields, with the message if its data is a complete MSNSLP message.
    package var fields: [Field] {
        var fields: [Field]
        switch header {
        case .one(let header): fields = [Field("version", 1), Field("kind", kind)] + header.fields
        case .two(let header): fields = [Field("version", 2), Field("kind", kind)] + header.fields
        }
        if wrongLength != nil { fields.append(Field("data_length", data.count)) }
        if let footer {
            fields.append(Field("footer", footer))
            if let name = PeerApplication.name(of: footer) { fields.append(Field("footer_name", name)) }
        }
        if let message { fields.append(Field("slp", .fields(message.fields))) }
        return fields
    }
}
