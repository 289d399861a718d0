// Fuzz target `logs`: reads random texts as pasted logs, and what they carry of HTTP as a gateway's.
//
// The invariants: no trap; connections are opened before they are used and closed once; a payload is never longer than
// its command may claim; times do not pass the last day of `LogTime`; all entries together have bounded bytes.

@testable internal import Doors
@testable internal import Events
@testable internal import MSNP

private func check(_ text: [UInt8]) {
    var open: Set<Int> = []
    var last = -1
    var size = 0
    var gateway = Gateway()
    PastedLog.read(text) { entry in
        precondition(entry.time >= 0 && entry.time <= LogTime.lastMidnight + LogTime.day, "a time behind the last day")
        if case .opened = entry.kind {
            precondition(entry.connection == last + 1, "connections are numbered in order")
            last = entry.connection
            open.insert(last)
            gateway.open(carrier: last, isStart: PerSide(both: true))
            return true
        }
        precondition(open.contains(entry.connection), "an entry of a connection that is not open")
        switch entry.kind {
        case .opened: break
        case .frame(let frame, _):
            precondition(frame.payload.count <= DecoderLimits().payload + 64 << 10, "a payload above the limit")
            size += frame.bytes.count
        case .carried(let bytes, let side):
            size += bytes.count
            _ = gateway.take(bytes.span, from: side, carrier: entry.connection)
        case .carriedGap(let count, let side):
            precondition(count > 0, "an empty gap")
            _ = gateway.lose(count, from: side, carrier: entry.connection)
        case .slp(let bytes, _): size += bytes.count
        case .finding(let finding): precondition(finding.text.utf8.count < 1_024, "a long finding")
        case .closed: open.remove(entry.connection)
        }
        // A line of the text is read once, with at most a few bytes of line ends added to each.
        precondition(size <= 4 * text.count + 4_096, "more bytes than the text can hold")
        return true
    }
    precondition(open.isEmpty, "a connection stays open")
    _ = gateway.finish()
    _ = PastedLog.isOne(text)
}

/// The entry point of libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    check(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
