// Fuzz target `packets`: passes random captures to dissection and reassembly; traps on a violated invariant.

@testable internal import Packets

/// Checks that the events of each stream have consecutive offsets, without unreported gaps or overlaps.
struct Ledger {
    var open: [Int: (a: Int64, b: Int64)] = [:]

    mutating func note(_ event: StreamEvent, _ count: Int) {
        let number = event.connection.number
        switch event.kind {
        case .opened:
            precondition(open[number] == nil, "opened twice")
            open[number] = (0, 0)
        case .data(let side, let offset):
            precondition(count > 0, "data without bytes")
            advance(number, side, from: offset, by: Int64(count))
        case .gap(let side, let offset, let count):
            precondition(count > 0, "an empty gap")
            advance(number, side, from: offset, by: count)
        case .finding:
            precondition(open[number] != nil, "a finding before opened")
        case .closed(_, let a, let b):
            guard let places = open.removeValue(forKey: number) else { preconditionFailure("closed, never opened") }
            // Gaps behind the last captured byte were reported, but the sums count them as acknowledged and unseen.
            precondition(a.bytes + a.missing <= places.a && b.bytes + b.missing <= places.b, "books do not balance")
        }
    }

    private mutating func advance(_ number: Int, _ side: StreamSide, from offset: Int64, by count: Int64) {
        guard var places = open[number] else { preconditionFailure("bytes before opened") }
        precondition((side == .a ? places.a : places.b) == offset, "a stream jumps")
        if side == .a { places.a += count } else { places.b += count }
        open[number] = places
    }
}

/// The input: one byte selects the link type, then packets: two bytes of length (the top bits add to the wire length), one
/// byte of time, the bytes. A third of the link types is raw IP, where random bytes reach the most code.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    let links: [UInt32] = [12, 1, 0, 9, 12, 50, 51, 101, 105, 12, 108, 113, 119, 127, 163, 228, 229, 276, 12, 999]
    let input = UnsafeBufferPointer(start: start, count: count)
    let linkType = LinkType(rawValue: links[Int(input[0]) % links.count])
    var limits = ReassemblyLimits()
    limits.directionBytes = 2048
    limits.totalBytes = 6000
    limits.connections = 8
    limits.fragmentBytes = 4096
    limits.fragmentedDatagrams = 4
    limits.historyBytes = 64
    var dissector = Dissector(limits: limits)
    var reassembler = Reassembler(limits: limits)
    var ledger = Ledger()
    var ignored: [ConnectionID] = []
    var time: Int64 = 0
    var place = 1
    while place + 3 <= count {
        let size = Int(input[place]) | Int(input[place + 1] & 7) << 8
        let cut = Int(input[place + 1] >> 3) * 8
        time += Int64(Int8(bitPattern: input[place + 2])) * 40_000_000
        place += 3
        let end = min(count, place + size)
        let packet = Array(input[place..<end])
        place = end
        reassembler.receive(
            packet.span, wireLength: packet.count + cut, linkType: linkType, at: time, through: &dissector
        ) { event, bytes in
            ledger.note(event, bytes.count)
            if bytes.count == 13 { ignored.append(event.connection) }
        }
        for connection in ignored {
            reassembler.ignore(connection)
            ledger.open[connection.number] = nil
        }
        ignored = []
        precondition(reassembler.heldBytes >= 0 && reassembler.heldBytes <= limits.totalBytes, "held too much")
        precondition(reassembler.rememberedConnections <= limits.connections, "too many connections")
    }
    reassembler.finish { event, bytes in ledger.note(event, bytes.count) }
    precondition(ledger.open.isEmpty, "opened, never closed")
    precondition(reassembler.heldBytes == 0 && reassembler.rememberedConnections == 0, "something is left")
    return 0
}
