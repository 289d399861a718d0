// One packet of a direct link between two clients, with the length in front (p2p.md section 4, direct TCP link).

internal import MSNP

/// What a packet of a direct link is.
package struct LinkPacket: Sendable {
    /// What lies behind the length.
    package enum Content: Sendable {
        /// Nothing: it keeps the link open.
        case nothing
        /// `foo`, with which the connecting side begins.
        case greeting
        /// The nonce that both clients agreed on, in the form of version 2.
        case nonce(GUID)
        /// A packet of the layer; that of a handshake in version 1 has the nonce in its header.
        case packet(PeerPacket)
        /// A packet whose lengths do not fit.
        case fault(PeerPacket.Fault)
    }

    /// How many bytes lie behind the length.
    package var length: Int
    /// What they are.
    package var content: Content

    /// Reads exactly one packet with its length; nil where there are more bytes or fewer.
    package init?(_ bytes: ArraySlice<UInt8>) { self.init(bytes, version: nil) }

    /// The same.
    ///
    /// - Parameter version: what the link speaks, if that is known.
    init?(_ bytes: ArraySlice<UInt8>, version: PeerPacket.Version?) {
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

    /// `greeting`, `handshake`, or what kind of packet it is.
    package var kind: String {
        switch content {
        case .nothing: return "nothing"
        case .greeting: return "greeting"
        case .nonce: return "handshake"
        case .fault: return "damaged"
        case .packet(let packet): return packet.kind
        }
    }

    /// All of it, by name.
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
    /// What is wrong, in a few words.
    package var description: String {
        switch self {
        case .header: "a packet has no whole header"
        case .length(let promised, let there): "a packet promises \(promised) bytes and has \(there)"
        }
    }
}
