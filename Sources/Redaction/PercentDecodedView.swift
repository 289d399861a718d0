// Percent-encoded text, decoded for redaction and encoded again in the same places.

internal import MSNP

/// The decoded bytes of a percent-encoded text, with their encoding for the way back.
struct PercentDecodedView {
    private(set) var bytes: [UInt8] = []
    private var isEncoded: [Bool] = []

    init(_ text: ByteSlice) {
        var index = text.startIndex
        while index < text.endIndex {
            let rest = text[index...]
            if let byte = PercentEncoding.byte(in: rest.span, at: 0) {
                bytes.append(byte)
                isEncoded.append(true)
                index += 3
            } else {
                bytes.append(text[index])
                isEncoded.append(false)
                index += 1
            }
        }
    }

    /// Encodes the same number of other bytes, each as its original was encoded.
    func encoded(_ new: [UInt8]) -> [UInt8] {
        zip(new, isEncoded).flatMap { byte, isEncoded in
            isEncoded ? PercentEncoding.triple(byte) : [byte]
        }
    }
}
