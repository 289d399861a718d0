// One packet of the peer-to-peer layer: its header, its data, and whether its lengths hold.

/// A packet as it lies in a message of a switchboard, or on a direct link.
public struct PeerPacket: Sendable {
    /// The two versions of the layer.
    public enum Version: Sendable, Hashable {
        /// MSNP9 to MSNP15, and later to old clients.
        case one
        /// Between clients of MSNP16 and later.
        case two
    }

    /// The header of either version.
    public enum Header: Sendable, Hashable {
        /// Version 1.
        case one(PeerHeader)
        /// Version 2.
        case two(PeerHeader2)
    }

    /// Why bytes are no packet.
    public enum Fault: Error, Sendable, Hashable {
        /// The bytes end before the header does, or the header's own lengths cannot be.
        case header
        /// The header promises another number of bytes than there are.
        case length(promised: Int, there: Int)
    }

    /// What stands in front of the data.
    public var header: Header
    /// The data.
    public var data: ArraySlice<UInt8>
    /// The number behind the data, which says what the data is for; direct links have none.
    public var footer: UInt32?

    /// The session that it belongs to; 0 for none.
    var session: UInt32 {
        switch header {
        case .one(let header): header.sessionID
        case .two(let header): header.data?.sessionID ?? 0
        }
    }

    /// Reads a packet that takes all of these bytes.
    public init(_ bytes: ArraySlice<UInt8>, version: Version) throws(Fault) {
        let headers: Int
        let promised: Int
        switch version {
        case .one:
            guard let header = PeerHeader(bytes) else { throw .header }
            self.header = .one(header)
            (headers, promised) = (PeerHeader.length, Int(header.chunkLength))
        case .two:
            guard let header = PeerHeader2(bytes) else { throw .header }
            self.header = .two(header)
            (headers, promised) = (header.headersLength, header.dataLength)
        }
        let there = bytes.count - headers
        // Four bytes behind the data are the footer.
        guard there == promised || there == promised + 4 else { throw .length(promised: promised, there: there) }
        data = bytes.dropFirst(headers).prefix(promised)
        var cursor = ByteCursor(bytes.suffix(there - promised))
        footer = cursor.big(UInt32.self)
    }

    /// What it is for: `slp`, `preparation` (four zeros in front of the data), `object`, `file`, `data`, `acknowledgement`,
    /// `handshake`, or `control` for those that carry nothing else.
    public var kind: String {
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

    /// The header by name, and the text where the data is a whole MSNSLP message.
    public var fields: [Field] {
        var fields: [Field]
        var isText: Bool
        switch header {
        case .one(let header):
            fields = [Field("version", 1), Field("kind", kind)] + header.fields
            isText = header.sessionID == 0 && header.offset == 0 && UInt64(data.count) == header.totalSize
        case .two(let header):
            fields = [Field("version", 2), Field("kind", kind)] + header.fields
            isText = header.data.map { $0.sessionID == 0 && $0.isFirst && $0.remaining == 0 } ?? false
        }
        isText = isText && !data.isEmpty
        if let footer {
            fields.append(Field("footer", footer))
            if let name = PeerApplication.name(of: footer) { fields.append(Field("footer_name", name)) }
        }
        if isText, let message = SLPMessage(data) { fields.append(Field("slp", .fields(message.fields))) }
        return fields
    }
}
