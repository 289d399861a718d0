// The digest that objects, files and hashed nonces have.

internal import Crypto
internal import Payloads

/// SHA-1, which objects and hashed nonces have.
package struct RunningSHA1: RunningDigest {
    private var hash = Insecure.SHA1()

    /// The digest of nothing yet.
    package init() {}

    /// Takes the next bytes.
    package mutating func update(_ bytes: ArraySlice<UInt8>) { hash.update(data: Array(bytes)) }
    /// The digest of all that came.
    package var value: [UInt8] { Array(hash.finalize()) }

    /// The digest of bytes that are all there.
    package static func digest(_ bytes: [UInt8]) -> [UInt8] { Array(Insecure.SHA1.hash(data: bytes)) }
}
