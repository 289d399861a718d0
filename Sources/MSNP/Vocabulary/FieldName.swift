// The names under which scripts find arguments: those of the commands table, in one spelling.

/// From the table's way of writing an argument to a field's name.
enum FieldName {
    /// The field's name for an argument of the table.
    static func of(_ parameter: some StringProtocol) -> String {
        if let name = exceptions[String(parameter)] { return name }
        return String(parameter.prefix { $0 != "|" }).lowercased().replacing("-", with: "_").filter {
            $0.isLetter || $0.isNumber || $0 == "_"
        }
    }

    /// Gives every parameter of a form a field of its own; only those of a list share one.
    static func makeUnique(_ parameters: inout [Parameter]) {
        var seen: [String: Int] = [:]
        for index in parameters.indices {
            let field = parameters[index].field
            if let list = listed[field] {
                parameters[index].field = list
                continue
            }
            let count = seen[field, default: 0] + 1
            seen[field] = count
            if count > 1 { parameters[index].field = "\(field)_\(count)" }
        }
    }

    /// Whether several arguments can fill this field, which is then a list.
    static func isList(_ field: String) -> Bool { listed.values.contains(field) }

    /// What may come several times.
    private static let listed = [
        "dialect": "dialects", "argument": "arguments", "text": "text_words", "extra": "extra",
    ]

    /// Fixed words are named by what they choose, and keyed or doubtful arguments by what they are.
    private static let exceptions = [
        "TrID": "trid", "TrID|0": "trid", "MD5|CTP": "package", "MD5": "package", "TWN": "package", "SSO": "package",
        "SHA": "package", "CKI": "package", "package[,package": "packages", "I": "stage", "S": "stage", "A": "stage",
        "OK": "result", "RINGING": "result", "NS": "server_kind", "SB": "server_kind", "0": "zero", "1": "one",
        "0|1": "flag", "X": "reserved", "messenger.msn.com": "domain", "messenger.hotmail.com": "domain",
        "FL|AL|BL|RL": "list", "AL|BL": "setting", "A|N": "setting", "ON|OFF": "setting", "PUT|DEL": "action",
        "OTH|SSD|MIG|TOU|RCT": "reason", "MSNFTP": "protocol", "Hotmail": "sender", "U|N|A": "ack", "U|N|A|S": "ack",
        "U|N|A|D|S": "ack", "U": "transport", "U|G": "transport", "D": "flag", "email;{machine-guid}": "email",
        "{machine-guid}": "machine_guid", "network:email": "email", "from-email|net:email": "from_email",
        "to-email|net:email": "to_email", "caps:extcaps": "caps", "host:port": "address", "host": "address",
        "current-host:port": "current_address", "(empty)": "codebase", "email|tel:number": "recipient",
        "email|contact-guid": "contact", "group-id|guid": "group", "group-id|group-guid": "group",
        "hex-digest|password": "answer", "list-bits": "lists", "network-bits": "networks",
    ]
}
