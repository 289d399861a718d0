// Maps argument names of the commands table to stable field names in `lower_snake` case.

/// Makes field names, such as `friendly`, from parameter names of the commands table.
enum FieldName {
    /// The field name for a parameter as the table writes it.
    static func of(_ parameter: some StringProtocol) -> String {
        if let name = specialNames[String(parameter)] { return name }
        return String(parameter.prefix { $0 != "|" }).lowercased().replacing("-", with: "_").filter {
            $0.isLetter || $0.isNumber || $0 == "_"
        }
    }

    /// Makes the field names of one form unique by a numeric suffix. Only parameters of a list share a field.
    static func makeUnique(_ parameters: inout [Parameter]) {
        var seen: [String: Int] = [:]
        for index in parameters.indices {
            let field = parameters[index].field
            if let list = listFields[field] {
                parameters[index].field = list
                continue
            }
            let count = seen[field, default: 0] + 1
            seen[field] = count
            if count > 1 { parameters[index].field = "\(field)_\(count)" }
        }
    }

    /// Whether the field is a list that several arguments can fill.
    static func isList(_ field: String) -> Bool { listFields.values.contains(field) }

    /// Fields of repeated arguments, and the names of their lists.
    private static let listFields = [
        "dialect": "dialects", "argument": "arguments", "text": "text_words", "extra": "extra",
    ]

    /// Names for fixed words, by the choice they make, and for arguments whose name in the table gives no usable
    /// field name.
    private static let specialNames = [
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
