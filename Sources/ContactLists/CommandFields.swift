// The arguments of a command by field name, decoded.

internal import MSNP

/// The arguments of one command by the names of their fields (commands.tsv).
struct CommandFields {
    private var values: [String: ByteSlice] = [:]

    /// - Parameter reading: the form of the command.
    init(_ frame: Frame, _ reading: CommandReading) {
        for argument in reading.arguments(of: frame) {
            let name = ArgumentField.all[argument.field].name
            if values[name] == nil { values[name] = frame.bytes[argument.range] }
        }
    }

    /// The text of a field as on the wire; nil without it.
    subscript(name: String) -> String? { values[name].map { String(decoding: $0, as: UTF8.self) } }

    /// The text of a percent-encoded field, cut to the limit; nil without it, and if it is empty.
    func decoded(_ name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return String(decoding: PercentEncoding.decode(value).prefix(ContactList.longestText), as: UTF8.self)
    }

    /// The account in a field, in lower case, without the network (`1:`) and endpoint that MSNP16 and later add.
    func account(_ name: String = "email") -> String? {
        guard let value = values[name], let at = value.firstIndex(of: 0x40) else { return nil }
        let colon = value[..<at].firstIndex(of: 0x3A)
        let isNetwork = colon.map { colon in value[..<colon].allSatisfy { 0x30...0x39 ~= $0 } } ?? false
        let bare = isNetwork ? colon.map { value[($0 + 1)...] } ?? value : value
        return String(decoding: Account.of(bare), as: UTF8.self)
    }

    /// The parts of a list with commas.
    func list(_ name: String) -> [String] {
        (values[name] ?? []).split(separator: 0x2C).prefix(ContactList.mostGroups).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// The number in a field.
    func number(_ name: String) -> Int? { values[name].flatMap { Decimal.value(of: $0) }.flatMap(Int.init(exactly:)) }
}
