// Fuzz target `peer`: random peer-to-peer packets of both versions over switchboards, datagrams and direct connections.

@testable internal import MSNP
@testable internal import Payloads

/// Checks the events of a transfer reader: pieces lie within their transfer, and no byte is reported as new twice.
struct Ledger {
    var written: [Int: ByteRanges] = [:]
    var ended: Set<Int> = []

    mutating func note(_ events: [TransferEvent]) {
        for event in events {
            switch event {
            case .piece(let piece):
                precondition(!ended.contains(piece.transfer), "a piece of something that ended")
                let (end, overflow) = piece.offset.addingReportingOverflow(UInt64(piece.bytes.count))
                precondition(!overflow, "a piece behind the end of numbers")
                for fresh in piece.fresh {
                    precondition(fresh.lowerBound >= piece.offset && fresh.upperBound <= end, "fresh bytes elsewhere")
                    let new = written[piece.transfer, default: ByteRanges()].insert(fresh)
                    precondition(new == [fresh], "bytes that are fresh twice")
                }
            case .arranged(let transfer, let pieces, let start):
                let ranges = written.removeValue(forKey: pieces)?.ranges ?? []
                precondition(ranges.count == 1 && ranges[0].lowerBound == start, "a reading with holes")
                var whole = ByteRanges()
                _ = whole.insert(0..<ranges[0].upperBound)
                written[transfer] = whole
            case .dropped(let pieces): written[pieces] = nil
            case .ended(let transfer):
                precondition(written[-transfer.number] == nil, "pieces that nobody drops")
                precondition(ended.insert(transfer.number).inserted, "ended twice")
                precondition(
                    written[transfer.number, default: ByteRanges()] == transfer.received, "other bytes than reported")
                if transfer.isComplete { precondition(transfer.missing.isEmpty, "whole with holes") }
                _ = transfer.fields
            case .joined(let message): _ = message.fields
            case .offered(let transfer): _ = transfer.fields
            case .invited(let invitation): _ = invitation.application.name
            case .finding(_, let text): precondition(!text.isEmpty)
            }
        }
    }
}

/// The input: records of one byte of settings, two bytes of length, and data. A settings bit makes headers valid, so that
/// random data reaches the code behind them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 3 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    var limits = TransferLimits()
    limits.sessions = 4
    limits.open = 3
    limits.ranges = 4
    limits.texts = 2
    limits.textBytes = 2_000
    limits.links = 2
    limits.remembered = 8
    var transfers = Transfers(.pieces, limits: limits) { Array(($0 + [UInt8](repeating: 7, count: 20)).prefix(20)) }
    var kept = Transfers(.data(most: 500), limits: limits)
    limits.checked = 300
    var checked = Transfers(.checking { Sum() }, limits: limits) { $0.reversed() }
    var ledger = Ledger()
    var position = 0
    var time: Int64 = 0
    while position + 3 <= input.count {
        let kind = input[position]
        let length = Int(input[position + 1]) | Int(input[position + 2] & 7) << 8
        var body = Array(input[(position + 3)...].prefix(length))
        position += 3 + body.count
        time += 1
        let side: Side = kind & 1 == 0 ? .client : .server
        let connection = Int(kind >> 1 & 3)
        var place = Place(connection: connection, role: .switchboard, side: side, time: time, offset: UInt64(time))
        var frame: Frame?
        switch kind >> 3 & 7 {
        case 0, 1, 2:
            // Version 1: a settings bit makes the lengths valid.
            if kind & 0x40 != 0, body.count >= 48 {
                let data = body.count - 48
                body[24] = UInt8(truncatingIfNeeded: data)
                body[25] = UInt8(truncatingIfNeeded: data >> 8)
                body.replaceSubrange(26..<28, with: [0, 0])
                if kind & 0x80 != 0 {
                    for index in [10, 11, 12, 13, 14, 15, 18, 19, 20, 21, 22, 23] { body[index] = 0 }
                }
            }
            frame = message("P2P-Dest: bob@example.com", body)
        case 3, 4:
            frame = message("P2P-Dest: bob@example.com;{1}\r\nP2P-Src: ann@example.com;{2}", body)
        case 5:
            let head =
                "Routing: 1.0\r\n\r\nReliability: 1.0\r\n\r\nMessage-Type: Data\r\nBridging-Offsets: 0,\(kind)\r\n\r\n"
            frame = Frame(Array("SDG 0 \(head.utf8.count + body.count)\r\n\(head)".utf8) + body)
        case 6: frame = Frame(Array("UBN ann@example.com 3 \(body.count)\r\n".utf8) + body)
        default:
            place.role = .peerToPeer
            if kind & 0xC0 == 0xC0 {
                transfers.lose(UInt64(length), at: place)
                kept.lose(UInt64(length), at: place)
                checked.lose(UInt64(length), at: place)
            } else {
                let length = UInt32(body.count).littleEndian
                let packet = withUnsafeBytes(of: length) { Array($0) } + body
                let noise = Noise(bytes: packet, reason: .peerData, offset: 0)
                ledger.note(transfers.take(noise, at: place))
                _ = kept.take(noise, at: place)
                _ = checked.take(noise, at: place)
                _ = LinkPacket(ByteSlice(packet))?.fields
            }
        }
        guard let frame else { continue }
        _ = PeerEnvelope(frame, from: side)?.fields
        ledger.note(transfers.take(frame, at: place))
        _ = kept.take(frame, at: place)
        _ = checked.take(frame, at: place)
        if kind == 0xFF { ledger.note(transfers.close(connection)) }
    }
    ledger.note(transfers.finish())
    _ = kept.finish()
    _ = checked.finish()
    return 0
}

/// A cheap replacement of SHA-1.
struct Sum: RunningDigest {
    private var sum: UInt8 = 0
    mutating func update(_ bytes: Span<UInt8>) { for index in bytes.indices { sum &+= bytes[index] } }
    var value: [UInt8] { [UInt8](repeating: sum, count: 20) }
}

func message(_ headers: String, _ body: [UInt8]) -> Frame? {
    let head = Array("Content-Type: application/x-msnmsgrp2p\r\n\(headers)\r\n\r\n".utf8)
    return Frame(Array("MSG ann@example.com Ann \(head.count + body.count)\r\n".utf8) + head + body)
}
