// Invitations to send a file and the like: `text/x-msmsgsinvite` (p2p.md section 5, addresses.md section 9).

/// One step of an invitation.
public struct Invitation: Sendable, Hashable {
    /// The lines, in their order.
    public var lines: [SLPMessage.Line]

    /// How many lines are read; real ones have some fifteen.
    private static let mostLines = 64

    /// Reads the body of a message; nil where it names no command.
    public init?(_ body: ArraySlice<UInt8>) {
        lines = []
        for line in body.prefix(16 << 10).split(separator: 0x0A) where lines.count < Self.mostLines {
            guard let colon = line.firstIndex(of: 0x3A) else { continue }
            let value = line[(colon + 1)...].drop { $0 == 0x20 }.filter { $0 != 0x0D && $0 != 0 }
            lines.append(
                SLPMessage.Line(
                    name: String(decoding: line[..<colon], as: UTF8.self), value: String(decoding: value, as: UTF8.self)
                ))
        }
        if self["Invitation-Command"] == nil { return nil }
    }

    /// The first line with this name, in any case.
    public subscript(name: String) -> String? {
        let name = name.lowercased()
        return lines.first { $0.name.lowercased() == name }?.value
    }

    /// `INVITE`, `ACCEPT` or `CANCEL`.
    public var command: String { self["Invitation-Command"] ?? "" }
    /// The number that all steps of one invitation share.
    public var cookie: String? { self["Invitation-Cookie"] }
    /// What is said on the file's own connection, so that both know each other.
    public var authCookie: String? { self["AuthCookie"] }
    /// The file's name as its sender knows it.
    public var fileName: String? { self["Application-File"] }
    /// How long the file is said to be.
    public var fileSize: UInt64? { self["Application-FileSize"].flatMap { UInt64($0) } }
    /// Why it came to nothing.
    public var cancelCode: String? { self["Cancel-Code"] }

    /// All lines by name.
    public var fields: [Field] {
        lines.map { line in
            let name = String(line.name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
            return Field(name, line.value)
        }
    }
}

/// The numbers behind `BYE` on a file's connection (p2p.md section 5).
public enum FileFarewell: Sendable {
    /// What a number means; nil for those that nobody knows.
    public static func meaning(of code: UInt64) -> String? {
        switch code {
        case 16_777_987, 16_777_989: "the file arrived"
        case 2_147_942_405: "the recipient's disk is full"
        case 2_164_261_682: "the recipient cancelled"
        case 2_164_261_683: "the sender cancelled"
        case 2_164_261_694: "the connection was blocked or broke"
        default: nil
        }
    }

    /// Whether a number says that the file arrived.
    public static func isSuccess(_ code: UInt64) -> Bool { code == 16_777_987 || code == 16_777_989 }
}
