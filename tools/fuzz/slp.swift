// Fuzz target `slp`: random text as MSNSLP, and what its contexts hold; traps where a promise is broken.

@testable internal import MSNP
@testable internal import Payloads

/// Every field must have a name that scripts can rely on.
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

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 0 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))[...]
    // Few inputs find a first line by themselves.
    for head in ["", "INVITE MSNMSGR:a MSNSLP/1.0\r\n", "MSNSLP/1.0 200 OK\r\n\r\nEUF-GUID: \(fileGUID)\r\nContext: "] {
        guard let message = SLPMessage((Array(head.utf8) + bytes)[...]) else { continue }
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
