// One packet of the peer-to-peer layer: its header, its data, and whether its lengths hold.

package import MSNP

/// A packet as it lies in a message of a switchboard, or on a direct link.
package struct PeerPacket: Sendable {
    /// The two versions of the layer.
    package typealias Version = PeerVersion

    /// The header of either version.
    package enum Header: Sendable, Hashable {
        /// Version 1.
        case one(PeerHeader)
        /// Version 2.
        case two(PeerHeader2)
    }

    /// Why bytes are no packet.
    package enum Fault: Error, Sendable, Hashable {
        /// The bytes end before the header does, or the header's own lengths cannot be.
        case header
        /// The header promises another number of bytes than there are.
        case length(promised: Int, there: Int)
    }

    /// What stands in front of the data.
    package var header: Header
    /// The data.
    package var data: ArraySlice<UInt8>
    /// The number behind the data, which says what the data is for; direct links have none.
    package var footer: UInt32?
    /// How many bytes the header promises, where there are others; what is there was taken.
    package var wrongLength: Int?
    /// Whether the last four bytes of the data may be a footer: the header tells so many bytes as there are behind it, but
    /// what a program tells that is wrong about lengths may be so by chance.
    var mayEndInFooter = false

    /// The session that it belongs to; 0 for none.
    var session: UInt32 {
        switch header {
        case .one(let header): header.sessionID
        case .two(let header): header.data?.sessionID ?? 0
        }
    }

    /// Whether header and footer call the data a file, or an object; nil where they say neither, or each something else.
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

    /// Reads a packet that takes all of these bytes.
    ///
    /// - Parameter isOnLink: whether it is of a direct link, where packets have no footer.
    package init(_ bytes: ArraySlice<UInt8>, version: Version, isOnLink: Bool = false) throws(Fault) {
        let headers: Int
        let promised: Int
        let length: Int
        switch version {
        case .one:
            guard let header = PeerHeader(bytes) else { throw .header }
            self.header = .one(header)
            (headers, promised) = (PeerHeader.length, Int(header.chunkLength))
            let there = bytes.count - headers
            length = Self.dataLength(header, there, isOnLink: isOnLink)
            guard length == promised || promised <= Self.longest else {
                throw .length(promised: promised, there: length)
            }
            wrongLength = length == promised ? nil : promised
            mayEndInFooter = !isOnLink && length == there && there >= 4
        case .two:
            guard let header = PeerHeader2(bytes) else { throw .header }
            self.header = .two(header)
            (headers, promised) = (header.headersLength, header.dataLength)
            let there = bytes.count - headers
            // Four bytes behind the data are the footer.
            guard there == promised || there == promised + 4 else { throw .length(promised: promised, there: there) }
            length = promised
        }
        data = bytes.dropFirst(headers).prefix(length)
        var cursor = ByteCursor(bytes.dropFirst(headers + length))
        footer = cursor.big(UInt32.self)
    }

    /// What a header may promise: clients put some 1200 bytes into a packet. Where more is promised it is no header.
    private static let longest = 1 << 16

    /// How many bytes of data lie behind a header of version 1: all but the footer, which some clients leave out. Pidgin
    /// 2.10.9 tells the length of the packet before, so that what is there decides.
    private static func dataLength(_ header: PeerHeader, _ there: Int, isOnLink: Bool) -> Int {
        let promised = Int(header.chunkLength)
        if there == promised {
            // The length of the packet before may be by chance that of data and footer; those would go beyond the message.
            let rest = header.totalSize.subtractingReportingOverflow(header.offset)
            let isTooMuch = !isOnLink && there > 4 && !rest.overflow && rest.partialValue == UInt64(there - 4)
            return isTooMuch ? there - 4 : there
        }
        if there - promised == 4 { return promised }
        return isOnLink || there < 4 ? there : there - 4
    }

    /// What it is for: `slp`, `preparation` (four zeros in front of the data), `object`, `file`, `data`, `acknowledgement`,
    /// `handshake`, or `control` for those that carry nothing else.
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

    /// The header by name, and the text where the data is a whole MSNSLP message.
    package var fields: [Field] {
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
        if wrongLength != nil { fields.append(Field("data_length", data.count)) }
        if let footer {
            fields.append(Field("footer", footer))
            if let name = PeerApplication.name(of: footer) { fields.append(Field("footer_name", name)) }
        }
        if isText, let message = SLPMessage(data) { fields.append(Field("slp", .fields(message.fields))) }
        return fields
    }
}
