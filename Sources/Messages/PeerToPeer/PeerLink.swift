// A direct link between two clients: packets with a length in front (p2p.md section 4, direct TCP link).

internal import MSNP

/// One side of a direct link.
struct PeerStream: Sendable {
    /// What a side says.
    enum Piece: Sendable {
        /// `foo`, with which the connecting side begins.
        case greeting
        /// The nonce that both clients agreed on.
        case nonce(GUID)
        /// A packet.
        case packet(PeerPacket)
        /// Bytes of a length that no packet has, or a packet whose lengths do not fit.
        case fault(String)
    }

    private var buffer: [UInt8] = []
    /// How many bytes of a packet are left that has lost others.
    private var skip = 0
    /// Where packets begin is not known any more.
    private var isLost = false
    private var version: PeerPacket.Version?
    private let mostBytes: Int

    init(_ limits: TransferLimits) { mostBytes = limits.linkPacket }

    /// Takes bytes, and says what they complete.
    mutating func take(_ bytes: ArraySlice<UInt8>) -> [Piece] {
        guard !isLost else { return [] }
        let skipped = min(skip, bytes.count)
        skip -= skipped
        buffer += bytes.dropFirst(skipped)
        var pieces: [Piece] = []
        var position = 0
        while !isLost {
            var cursor = ByteCursor(buffer[position...])
            guard let told = cursor.little(UInt32.self) else { break }
            guard let length = Int(exactly: told), length <= mostBytes else {
                isLost = true
                pieces.append(.fault("a packet of \(told) bytes is announced"))
                break
            }
            guard let packet = cursor.take(length) else { break }
            position += 4 + length
            if let piece = read(packet) { pieces.append(piece) }
        }
        buffer = isLost ? [] : Array(buffer[position...])
        return pieces
    }

    /// Notes that bytes are missing.
    mutating func lose(_ count: UInt64) {
        var cursor = ByteCursor(buffer[...])
        let there = max(0, buffer.count - 4)
        // What is missing must end within the packet that has begun.
        let left = skip > 0 ? skip : cursor.little(UInt32.self).map { Int($0) - there } ?? 0
        buffer = []
        if count <= UInt64(max(0, left)) { skip = left - Int(count) } else { isLost = true }
    }

    private mutating func read(_ bytes: ArraySlice<UInt8>) -> Piece? {
        if bytes.elementsEqual([0x66, 0x6F, 0x6F, 0]) { return .greeting }
        if bytes.isEmpty { return nil }
        if version == nil, bytes.count == 16, let nonce = GUID(little: bytes) {
            version = .two
            return .nonce(nonce)
        }
        if version != .two, let header = PeerHeader(bytes), let nonce = header.nonce {
            version = .one
            return .nonce(nonce)
        }
        do {
            return .packet(try PeerPacket(bytes, version: version ?? Self.guess(bytes)))
        } catch {
            return .fault("\(error)")
        }
    }

    /// The version of a packet on a link whose beginning was missed: version 2 begins with its header's length.
    private static func guess(_ bytes: ArraySlice<UInt8>) -> PeerPacket.Version {
        guard let header = PeerHeader2(bytes), header.length % 4 == 0 else { return .one }
        return Int(header.length) + Int(header.payloadLength) == bytes.count ? .two : .one
    }
}

/// Both sides of a direct link.
struct PeerLink: Sendable {
    var client: PeerStream
    var server: PeerStream
    /// The session for which it was made, once the nonce told.
    var session: Int?

    init(_ limits: TransferLimits) {
        client = PeerStream(limits)
        server = PeerStream(limits)
    }
}
