// Packets, messages and sessions of clients, made for tests.

import MSNP
import TestSupport

@testable import Payloads

typealias Bytes = [UInt8]

extension Bytes {
    /// The bytes of hexadecimal digits; blanks are passed over.
    init(hex text: String) {
        let digits = text.filter { $0.isHexDigit }.compactMap { $0.hexDigitValue }
        self = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// Base64 with padding.
    var base64: String {
        let alphabet = [Character]("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: count, by: 3) {
            var bits: UInt32 = 0
            for index in start..<start + 3 { bits = bits << 8 | (index < count ? UInt32(self[index]) : 0) }
            let letters: [Character] = [18, 12, 6, 0].map { alphabet[Int(bits >> UInt32($0)) & 63] }
            let filled = Swift.min(3, count - start) + 1
            text += String(letters.prefix(filled)) + String(repeating: "=", count: 4 - filled)
        }
        return text
    }
}

/// Makers of packets.
enum Made {
    static let objectGUID = "{A4268EEC-FEC5-49E5-95C3-F126696BDBF6}"
    static let fileGUID = "{5D3E02AB-6190-11D3-BBBB-00C04F795683}"

    /// A packet of version 1.
    static func packet1(
        session: UInt32, message: UInt32, offset: UInt64, size: UInt64, _ data: Bytes, flags: UInt32 = 0,
        length: UInt32? = nil, footer: UInt32? = 0, tail: Bytes? = nil
    ) -> Bytes {
        peerPacket(
            session: Int(session), message: Int(message), offset: Int(truncatingIfNeeded: offset),
            total: Int(truncatingIfNeeded: size), data, length: length.map { Int($0) }, flags: Int(flags),
            tail: tail ?? little(0x1234, 16)) + (footer.map { big(Int($0), 4) } ?? [])
    }

    /// A packet of version 2.
    static func packet2(
        session: UInt32, package: UInt16, type: UInt8, remaining: UInt64, _ data: Bytes, sequence: UInt32 = 7,
        hasFooter: Bool = true
    ) -> Bytes {
        let items: Bytes = remaining == 0 ? [] : [1, 8] + big(Int(truncatingIfNeeded: remaining), 8) + [0, 0]
        var header: Bytes = [UInt8(8 + items.count), type]
        header += big(Int(package), 2)
        header += big(Int(session), 4)
        header += items
        var bytes: Bytes = [8, 0]
        bytes += big(header.count + data.count, 2)
        bytes += big(Int(sequence), 4)
        bytes += header
        bytes += data
        if hasFooter { bytes += [0, 0, 0, 0] }
        return bytes
    }

    /// A message command of a switchboard, sent by the server on behalf of somebody.
    static func frame(_ body: Bytes, from: String, to: String, isVersion2: Bool = false) -> Frame {
        let source = isVersion2 ? "P2P-Src: \(from);{0}\r\n" : ""
        return message("application/x-msnmsgrp2p", "P2P-Dest: \(to)\r\n\(source)", body, from: from)
    }

    static func message(_ type: String, _ headers: String, _ body: Bytes, from: String) -> Frame {
        let payload = Bytes("MIME-Version: 1.0\r\nContent-Type: \(type)\r\n\(headers)\r\n".utf8) + body
        let bytes = Bytes("MSG \(from) Nick \(payload.count)\r\n".utf8) + payload
        guard let frame = Frame(bytes) else { preconditionFailure("a message that is no frame") }
        return frame
    }

    /// A command without payload.
    static func line(_ text: String) -> Frame {
        guard let frame = Frame(Bytes((text + "\r\n").utf8)) else { preconditionFailure("a line that is no frame") }
        return frame
    }

    /// An MSNSLP message.
    static func slp(
        _ start: String, from: String, to: String, call: String, type: String = "sessionreqbody", body: String,
        length: Int? = nil
    ) -> Bytes {
        slpMessage(start, from: from, to: to, call: call, type: type, body: body + "\r\n\0", length: length)
    }

    static func invite(
        from: String, to: String, session: UInt32, call: String = "{CA11}", guid: String = objectGUID, app: Int = 1,
        context: Bytes
    ) -> Bytes {
        let body = "EUF-GUID: \(guid)\r\nSessionID: \(session)\r\nAppID: \(app)\r\nContext: \(context.base64)\r\n"
        return slp("INVITE MSNMSGR:\(to) MSNSLP/1.0", from: from, to: to, call: call, body: body)
    }

    static func answer(_ code: String = "200 OK", from: String, to: String, session: UInt32, call: String = "{CA11}")
        -> Bytes
    {
        slp("MSNSLP/1.0 \(code)", from: from, to: to, call: call, body: "SessionID: \(session)\r\n")
    }

    static func object(_ type: Int, size: Int, creator: String = "ann@example.com", more: String = "") -> String {
        "<msnobj Creator=\"\(creator)\" Size=\"\(size)\" Type=\"\(type)\" Location=\"0\" Friendly=\"AAA=\"\(more)/>"
    }

    static func offer(_ name: String, size: UInt64, version: UInt32 = 2, header: Int = 574, preview: Bytes = [])
        -> Bytes
    {
        var bytes = little(header, 4) + little(Int(version), 4) + little(Int(truncatingIfNeeded: size), 8)
        bytes += little(preview.isEmpty ? 1 : 0, 4)
        let letters = name.utf16.flatMap { little(Int($0), 2) }
        bytes += letters + Bytes(repeating: 0, count: max(0, 520 - letters.count))
        bytes += Bytes(repeating: 0, count: 30) + Bytes(repeating: 0xFF, count: 4)
        return bytes + Bytes(repeating: 0, count: max(0, header - bytes.count)) + preview
    }
}

/// A reader and its results; by default everything is sent by the server of connection 1.
struct Reading {
    var transfers: Transfers
    var ended: [Transfer] = []
    var findings: [String] = []
    var invitations: [PeerInvitation] = []
    /// The pieces of transfers, put together; where there are holes, zeros.
    var bytes: [Int: Bytes] = [:]
    private var time: Int64 = 1_000
    /// The direct links, cut into packets.
    private var streams: [Stream: LinkStream] = [:]

    private struct Stream: Hashable {
        var connection: Int
        var side: Side

        init(_ place: Place) { (connection, side) = (place.connection, place.side) }
    }

    init(_ keeping: Transfers.Keeping = .data(most: 1 << 20), limits: TransferLimits = TransferLimits()) {
        transfers = Transfers(keeping, limits: limits)
    }

    mutating func place(_ connection: Int, _ role: Role, _ side: Side) -> Place {
        time += 1
        return Place(connection: connection, role: role, side: side, time: time, offset: UInt64(time))
    }

    mutating func note(_ events: [TransferEvent]) {
        for event in events {
            switch event {
            case .ended(let transfer): ended.append(transfer)
            case .finding(let name, _): findings.append(name.rawValue)
            case .invited(let invitation): invitations.append(invitation)
            case .piece(let piece): write(piece)
            case .arranged(let transfer, let pieces, let start):
                let end = bytes.removeValue(forKey: pieces) ?? []
                bytes[transfer] = Bytes((bytes[transfer] ?? []).prefix(Int(start))) + end.dropFirst(Int(start))
            case .dropped(let pieces): bytes[pieces] = nil
            case .joined, .offered: break
            }
        }
    }

    private mutating func write(_ piece: TransferPiece) {
        guard piece.offset < 1 << 20 else { return }
        var all = bytes[piece.transfer] ?? []
        for range in piece.fresh {
            all += Bytes(repeating: 0, count: max(0, Int(range.upperBound) - all.count))
            let start = piece.bytes.startIndex + Int(range.lowerBound - piece.offset)
            all.replaceSubrange(
                Int(range.lowerBound)..<Int(range.upperBound), with: piece.bytes[start..<start + range.count])
        }
        bytes[piece.transfer] = all
    }

    mutating func receive(_ frame: Frame, on connection: Int = 1, role: Role = .switchboard, side: Side = .server) {
        note(transfers.take(frame, at: place(connection, role, side)))
    }

    mutating func receive(
        _ bytes: Bytes, as reason: Noise.Reason, on connection: Int, role: Role, side: Side = .server
    ) {
        let place = place(connection, role, side)
        guard reason == .peerData else {
            return note(transfers.take(Noise(bytes: bytes, reason: reason, offset: 0), at: place))
        }
        // Packets are cut by the tap.
        var stream = streams[Stream(place)] ?? LinkStream()
        var position = 0
        while let noise = stream.next(bytes.span, from: &position) { note(transfers.take(noise, at: place)) }
        streams[Stream(place)] = stream
    }

    mutating func miss(_ count: UInt64, on connection: Int, role: Role, side: Side = .server) {
        let place = place(connection, role, side)
        for noise in streams[Stream(place)]?.lose(count) ?? [] { note(transfers.take(noise, at: place)) }
        transfers.lose(count, at: place)
    }

    mutating func finish() {
        for (key, stream) in streams {
            var stream = stream
            for noise in stream.finish() {
                note(transfers.take(noise, at: place(key.connection, .peerToPeer, key.side)))
            }
        }
        streams = [:]
        note(transfers.finish())
    }
}
