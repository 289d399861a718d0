// Fuzz target `msnftp`: random MSNFTP lines and blocks; the result must not depend on how blocks are cut.

@testable internal import MSNP
@testable internal import Payloads

/// Reads a stream of lines, blocks and gaps, with noise cut into chunks of `step` bytes; returns the ended transfers.
func read(_ input: [UInt8], step: Int) -> [String] {
    var limits = TransferLimits()
    limits.ranges = 8
    var transfers = Transfers(.data(most: 100_000), limits: limits)
    var results: [String] = []
    func note(_ events: [TransferEvent]) {
        for event in events {
            guard case .ended(let transfer) = event else { continue }
            precondition((transfer.data != nil) == transfer.isComplete, "data without being whole, or the reverse")
            if let data = transfer.data { precondition(UInt64(data.count) == transfer.size, "a size that is none") }
            results.append(
                "\(transfer.isComplete) \(transfer.received.ranges) \(transfer.reason ?? "") \(transfer.data ?? [])")
        }
    }
    var position = 0
    while position + 2 <= input.count {
        let kind = input[position]
        let body = Array(input[(position + 2)...].prefix(Int(input[position + 1])))
        position += 2 + body.count
        let side: Side = kind & 1 == 0 ? .server : .client
        let place = Place(connection: Int(kind >> 1 & 1), role: .fileTransfer, side: side, time: 0, offset: 0)
        switch kind >> 2 & 7 {
        case 0: transfers.lose(UInt64(body.count), at: place)
        case 1, 2, 3:
            let verb = ["FIL", "USR", "BYE", "TFR", "CCL", "VER"][Int(kind >> 5) % 6]
            if let frame = Frame(Array(verb.utf8) + [0x20] + body.filter { $0 != 0x0A } + [0x0A]) {
                note(transfers.take(frame, at: place))
            }
        case 4:
            let text = Array("Content-Type: text/x-msmsgsinvite\r\n\r\nInvitation-Command: INVITE\r\n".utf8) + body
            if let frame = Frame(Array("MSG a@b A \(text.count)\r\n".utf8) + text) {
                var place = place
                place.role = .switchboard
                note(transfers.take(frame, at: place))
            }
        default:
            for start in stride(from: 0, to: body.count, by: step) {
                let part = Array(body[start..<min(body.count, start + step)])
                note(transfers.take(Noise(bytes: part, reason: .fileData, offset: 0), at: place))
            }
        }
    }
    note(transfers.close(0))
    note(transfers.finish())
    return results
}

/// The input: records of one byte of settings, one byte of length, and data.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 2 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    precondition(read(input, step: .max / 2) == read(input, step: 1), "the cuts show")
    return 0
}
