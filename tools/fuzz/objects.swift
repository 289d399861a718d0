// Fuzz target `objects`: random MSN object descriptions (pictures, emoticons), in every form.

@testable internal import MSNP
@testable internal import Payloads

/// The input: the text of a description.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 0 else { return 0 }
    let bytes = ByteSlice(UnsafeBufferPointer(start: start, count: count))
    // Random input rarely contains the element's name.
    let named = Array("<msnobj ".utf8) + bytes
    for object in [MSNObject(bytes), MSNObject(plain: bytes), MSNObject(plain: ByteSlice(named))] {
        guard let object else { continue }
        precondition(!object.attributes.isEmpty && object.attributes.count <= 32, "attributes without bound")
        precondition(object.dataDigest.map { $0.count == 20 } ?? true, "a digest of another length")
        _ = (object.fields, object.kind, object.size, object.friendlyName, object.ownDigest, object.creator)
        _ = object.signedText
    }
    return 0
}
