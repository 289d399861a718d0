// Recomputes the digest that an MSNObject has of its own attributes, `SHA1C` (p2p.md, MSNObject).

internal import Analysis
internal import MSNP
internal import Payloads

extension RedactionBuffer {
    /// Whether the MSNObject's own digest is correct.
    func hasRightDigest(_ range: Range<Int>) -> Bool {
        guard range.count < 8_192, let object = MSNObject(plain: slice(range)), let declared = object.ownDigest else {
            return false
        }
        return RunningSHA1.digest(object.signedText) == declared
    }

    /// Writes the digest of the redacted attributes into an MSNObject.
    mutating func sign(_ range: Range<Int>) {
        guard let object = MSNObject(plain: slice(range)), let declared = object["SHA1C"] else { return }
        let old = Array(declared.utf8)
        // Some clients omit the padding.
        let right = Array(Base64.encode(RunningSHA1.digest(object.signedText)).prefix(old.count))
        guard old.count >= 27, old.count == right.count,
            let start = range.dropLast(old.count - 1).first(where: { bytes[$0..<range.upperBound].starts(with: old) })
        else { return }
        write(right, at: start..<start + old.count)
    }
}
