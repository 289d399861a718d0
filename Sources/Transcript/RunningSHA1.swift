// The digest that objects, files and hashed nonces have.

internal import Crypto
internal import Messages

/// SHA-1, which objects and hashed nonces have.
struct RunningSHA1: RunningDigest {
    private var hash = Insecure.SHA1()

    mutating func update(_ bytes: ArraySlice<UInt8>) { hash.update(data: Array(bytes)) }
    var value: [UInt8] { Array(hash.finalize()) }

    /// The digest of bytes that are all there.
    static func digest(_ bytes: [UInt8]) -> [UInt8] { Array(Insecure.SHA1.hash(data: bytes)) }
}
