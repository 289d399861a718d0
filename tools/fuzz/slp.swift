// Fuzz target `slp`: random text as MSNSLP messages and file offers; traps on a violated invariant.

@testable internal import MSNP
@testable internal import Payloads

/// Checks that field names have the form on which scripts rely.
func check(_ fields: [Field], depth: Int = 0) {
    precondition(depth < 8, "fields too deep")
    for field in fields {
        precondition(
            field.name.utf8.allSatisfy {
                $0 == 0x5F || $0 >= 0x30 && $0 <= 0x39 || $0 >= 0x61 && $0 <= 0x7A || $0 > 0x7F || depth > 2
            })
        if case .fields(let inside) = field.value { check(inside, depth: depth + 1) }
    }
}

let fileGUID = "{5D3E02AB-6190-11D3-BBBB-00C04F795683}"

/// The input: the text of a message behind one of three beginnings, of a file offer, and of base64.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 0 else { return 0 }
    let bytes = ByteSlice(UnsafeBufferPointer(start: start, count: count))
    // Random input rarely contains a valid first line.
    for head in ["", "INVITE MSNMSGR:a MSNSLP/1.0\r\n", "MSNSLP/1.0 200 OK\r\n\r\nEUF-GUID: \(fileGUID)\r\nContext: "] {
        guard let message = SLPMessage(ByteSlice(Array(head.utf8) + bytes)) else { continue }
        precondition(message.headers.count <= 64 && message.body.count <= 64)
        check(message.fields)
        _ = (message.nonces.map(\.guid.description), message.sessionID, message.wrongLength, message.to, message.from)
    }
    if let offer = FileOffer(bytes) {
        precondition(offer.preview.count < count && offer.name.utf16.count <= 260)
        check(offer.fields)
    }
    if let decoded = Base64.decode(bytes) { precondition(decoded.count <= count) }
    return 0
}
