// Parses one packet of a direct link with its length prefix (p2p.md section 4, direct TCP link).

package import MSNP

/// A packet of a direct link.
package struct LinkPacket: Sendable {
    /// The content after the length prefix.
    package enum Content: Sendable {
        /// Empty: a keep-alive.
        case nothing
        /// `foo`, the first packet of the connecting side.
        case greeting
        /// The nonce of a version 2 handshake.
        case nonce(GUID)
        /// A packet of the peer-to-peer layer; in a version 1 handshake its header contains the nonce.
        case packet(PeerPacket)
        /// A packet with invalid lengths.
        case fault(PeerPacket.Fault)
    }

    /// The length of the content in bytes.
    package var length: Int
    package var content: Content

    /// Parses exactly one packet with its length prefix; nil if there are more or fewer bytes.
    package init?(_ bytes: ByteSlice) { self.init(bytes, version: nil) }

    /// Parses exactly one packet with its length prefix; nil if there are more or fewer bytes.
    ///
    /// - Parameter version: the link's version of the layer; nil if unknown.
    init?(_ bytes: ByteSlice, version: PeerPacket.Version?) {
        var cursor = ByteCursor(bytes)
        guard let length = cursor.little(UInt32.self), Int(length) == cursor.rest.count else { return nil }
        let bytes = cursor.rest
        self.length = bytes.count
        if bytes.isEmpty {
            content = .nothing
        } else if bytes.elementsEqual([0x66, 0x6F, 0x6F, 0]) {
            content = .greeting
        } else if version == nil, let nonce = GUID(little: bytes) {
            content = .nonce(nonce)
        } else {
            do throws(PeerPacket.Fault) {
                content = .packet(
                    try PeerPacket(
                        bytes, version: version ?? PeerVersion(of: bytes, namesEndpoint: false), isOnLink: true))
            } catch {
                content = .fault(error)
            }
        }
    }

    /// The nonce of a handshake of either version.
    package var nonce: GUID? {
        switch content {
        case .nonce(let nonce): nonce
        case .packet(let packet): if case .one(let header) = packet.header { header.nonce } else { nil }
        case .nothing, .greeting, .fault: nil
        }
    }

    /// The kind of packet: `nothing`, `greeting`, `handshake`, `damaged`, or that of a packet of the layer.
    package var kind: String {
        switch content {
        case .nothing: return "nothing"
        case .greeting: return "greeting"
        case .nonce: return "handshake"
        case .fault: return "damaged"
        case .packet(let packet): return packet.kind
        }
    }

    /// The packet as named fields.
    package var fields: [Field] {
        let head = [Field("length", length), Field("kind", kind)]
        switch content {
        case .nothing, .greeting: return head
        case .nonce(let nonce): return head + [Field("version", 2), Field("nonce", nonce.description)]
        case .packet(let packet): return [Field("length", length)] + packet.fields
        case .fault(let fault): return head + [Field("fault", fault.description)]
        }
    }
}

extension PeerPacket.Fault: CustomStringConvertible {
    /// The fault in a few words.
    package var description: String {
        switch self {
        case .header: "a packet has an incomplete header"
        case .length(let announced, let actual): "a packet announces \(announced) bytes and has \(actual)"
        }
    }
}
