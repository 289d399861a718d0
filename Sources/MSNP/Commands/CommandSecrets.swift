// Finds the arguments that are secret by their position in USR, ANS, XFR and RNG (auth.md section 6).

extension Command {
    /// The index of the cookie in `ANS t account cookie session`.
    static let answerCookieIndex = 2

    /// Whether a letter is a stage of a sign-in (`USR t policy S …`) whose further arguments are secret: `S` or `A`.
    static func isSecretStage(_ letter: UInt8) -> Bool { letter == UInt8(ascii: "S") || letter == UInt8(ascii: "A") }

    /// Whether a letter is the first stage of a sign-in (`USR t policy I account`), which has no secret.
    static func isFirstStage(_ letter: UInt8) -> Bool { letter == UInt8(ascii: "I") }

    /// The byte ranges of secret arguments, in ascending order; empty for other commands. No range is empty.
    static func secretArguments(of frame: Frame, from side: Side) -> [Range<Int>] {
        switch (frame.verb, side) {
        case ("USR", .client): return secretsOfUser(frame)
        case ("USR", .server):
            // MSNFTP's `USR account cookie`, if the receiver of the file accepts the connection. A `USR` of an MSN
            // server has more arguments.
            guard frame.argumentCount == 2, frame.argument(0)?.contains(0x40) == true else { return [] }
            return range(of: frame.argument(1))
        case ("ANS", .client): return range(of: frame.argument(answerCookieIndex))
        case ("XFR", .server), ("RNG", .server):
            guard let word = frame.firstArgument(where: { Headers.equal($0, "cki") }) else { return [] }
            return range(of: frame.argument(word.index + 1))
        default: return []
        }
    }

    /// The secrets in `USR t package S|A secret…`, `USR t account cookie`, and MSNFTP's `USR account cookie`. In
    /// undocumented forms, the arguments after `S` or `A`, and the last of two or three arguments, are treated as
    /// secret.
    private static func secretsOfUser(_ frame: Frame) -> [Range<Int>] {
        var secrets: [Range<Int>] = []
        var isAfterStage = false
        frame.forEachArgument { range in
            if isAfterStage {
                // The GUID of the machine (`{…}`) is not secret.
                if !range.isEmpty, frame.bytes[range.lowerBound] != UInt8(ascii: "{") { secrets.append(range) }
            } else {
                isAfterStage = range.count == 1 && isSecretStage(frame.bytes[range.lowerBound])
            }
        }
        if isAfterStage { return secrets }
        let second = frame.argument(1)
        switch frame.argumentCount {
        case 0, 1: return []
        case 2: return range(of: second)
        case 3: return second?.elementsEqual("I".utf8) == true ? [] : range(of: frame.argument(2))
        default: return second?.contains(0x40) == true ? range(of: frame.argument(2)) : []
        }
    }

    private static func range(of token: Token?) -> [Range<Int>] {
        guard let token, !token.isEmpty else { return [] }
        return [token.startIndex..<token.endIndex]
    }
}
