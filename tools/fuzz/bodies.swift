// Fuzz target `bodies`: passes random payloads to every payload parser; traps on a violated invariant.

@testable internal import MSNP
@testable internal import Payloads

/// Reads all properties of a payload.
func inspect(_ payload: Payload) {
    check(payload.fields, depth: 0)
    guard case .envelope(let envelope) = payload else { return }
    _ = envelope.message?.fields
}

/// Checks fields: names are unique on each level and in one style, and nesting stays within the XML reader's limit.
func check(_ fields: [Field], depth: Int) {
    precondition(depth < 80, "fields too deep")
    var names: Set<String> = []
    for field in fields {
        precondition(names.insert(field.name).inserted, "a duplicate name: \(field.name)")
        precondition(
            field.name.utf8.allSatisfy { $0 == 0x5F || $0 &- 0x61 < 26 || $0 &- 0x30 < 10 },
            "an invalid name: \(field.name)")
        check(field.value, depth: depth)
    }
}

func check(_ value: Field.Value, depth: Int) {
    switch value {
    case .fields(let fields): check(fields, depth: depth + 1)
    case .list(let values): for value in values { check(value, depth: depth + 1) }
    case .text, .number, .flag: return
    }
}

/// Checks the XML reader's limits on depth and number of elements.
func check(_ element: XML, depth: Int, count: inout Int) {
    count += 1
    precondition(depth <= 33 && count <= 20_001, "too much XML")
    for child in element.children { check(child, depth: depth + 1, count: &count) }
}

/// Passes pieces of the input as `MSG` commands, some with the headers of message parts, to the assembler.
///
/// A whole message must not be a part itself, and has the bytes of its parts. Abandoned parts must have been received.
func assemble(_ input: [UInt8]) {
    var parts = MessageParts()
    var rest = input[...]
    var came = 0
    while let control = rest.popFirst() {
        let piece = rest.prefix(Int(control & 31))
        rest = rest.dropFirst(piece.count)
        let number = Int(control &>> 6)
        let head =
            control & 32 == 0
            ? "Content-Type: text/plain\nMessage-ID: 1\nChunks: \(number)\n\n" : "Message-ID: 1\nChunk: \(number)\n\n"
        let payload = (control == 255 ? [] : Array(head.utf8)) + piece
        guard let frame = Frame(Array("MSG a@b A \(payload.count)\r\n".utf8) + payload) else {
            preconditionFailure("no frame")
        }
        came += 1
        var givenUp: [MessageParts.Fragment] = []
        let place = Place(connection: 1, role: .switchboard, side: .server, time: Int64(came), offset: 0)
        let kind = Headers.kind(of: frame.payload)
        if case .whole(let whole, let fragment) = parts.take(frame, kind, from: "", at: place, givingUp: &givenUp) {
            let kind = Headers.kind(of: whole.payload)
            precondition(MessagePart(whole.bytes, kind) == nil, "a whole message is a part")
            let bodies = fragment.bodies.sorted { $0.key < $1.key }.flatMap(\.value)
            precondition(whole.bytes[kind.body...].elementsEqual(bodies), "other bytes than its parts have")
            precondition(whole.arguments.last.flatMap { Decimal.value(of: $0) } == UInt64(whole.payload.count))
        }
        for fragment in givenUp + (rest.isEmpty ? parts.close() : []) {
            precondition(!fragment.bodies.isEmpty && fragment.bodies.count <= came, "parts that never came")
            precondition(fragment.count.map { fragment.bodies.count < $0 } ?? true, "given up though it was whole")
            for run in fragment.runs {
                _ = TruncatedText.whole(ByteSlice(run.bytes), isCutBefore: true, isCutBehind: true)
            }
        }
    }
}

/// The input: one byte that selects the command, then its payload.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let lines = [
        "MSG a@b A", "SDG 1", "UBX a@b", "ADL 1", "NOT", "NFY PUT", "UBM a@b 32 c@d 1 1", "GCF 0", "UBN a@b 1", "241 1",
        "PAG 1 a@b", "MSG 1 N",
    ]
    let payload = Array(input.dropFirst())
    let line = "\(lines[Int(input[0]) % lines.count]) \(payload.count)\r\n"
    guard let frame = Frame(Array(line.utf8) + payload) else { preconditionFailure("no frame") }
    // The second decoder simulates a hostile library: it returns its input.
    for charsets in [CharsetDecoder.basic, CharsetDecoder { bytes, _ in Array(bytes) }] {
        if let read = Payload(frame, charsets: charsets) { inspect(read) }
    }
    let text = CharsetDecoder.basic.utf8(payload, type: ByteSlice(payload), format: ByteSlice(payload))
    precondition(String(validating: text, as: UTF8.self) != nil, "text that is not UTF-8")
    assemble(payload)
    var elements = 0
    check(XML.document(ByteSlice(payload)), depth: 0, count: &elements)
    _ = TextStyle(ByteSlice(payload)).fields
    _ = ObjectDigest.of(String(decoding: payload, as: UTF8.self))
    return 0
}
