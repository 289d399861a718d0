// The semantic type of each argument: account, presence state, list, network, capabilities, locale and others.

/// The semantic type of an argument, which decides how its text is interpreted.
public enum Meaning: UInt8, Sendable, Hashable {
    /// Plain text.
    case text
    /// A decimal number.
    case number
    /// A percent-encoded display name.
    case name
    /// An e-mail address, optionally with a network number before it and an endpoint after it.
    case account
    /// A presence state: `NLN`, `AWY`, ….
    case state
    /// The code of one contact list: `FL`, `AL`, ….
    case list
    /// A bit set of contact lists.
    case lists
    /// A network number.
    case network
    /// A bit set of networks.
    case networks
    /// Client capabilities: one or two bit sets.
    case capabilities
    /// A Windows locale identifier.
    case locale
    /// A percent-encoded MSN object.
    case object
    /// The acknowledgement that the sender of a message requests.
    case acknowledgement
    /// The reason for which the server closes the connection.
    case reason
    /// Base64-encoded headers.
    case base64
    /// A property code of `PRP` and related commands.
    case property
    /// The result code of a file transfer.
    case transferEnd
    /// Percent-encoded text other than a name.
    case encoded
    /// `key=value` pairs, separated by commas.
    case pairs
    /// The authentication method (security package).
    case package
    /// The stage of the sign-in.
    case stage
    /// A privacy setting.
    case setting
    /// The transport for the next server.
    case transport
    /// Whether the next server is reachable without a gateway.
    case directness
    /// Whether the account is a child's account.
    case restriction
    /// The reason for which a participant left a conversation.
    case leaving
    /// The type of a message to another network (`UUM`, `UBM`).
    case letterKind
    /// The type of a client-to-client notification (`UUN`, `UBN`).
    case noticeKind
    /// The device that a page is sent to.
    case device

    /// The meaning of a field. Some field names have a special meaning in one command.
    static func of(_ field: String, in verb: Verb? = nil) -> Meaning {
        if let verb, let meaning = ofCommands[verb]?[field] { return meaning }
        return table[field] ?? .text
    }

    private static let ofCommands: [Verb: [String: Meaning]] = [
        "UUM": ["type": .letterKind], "UBM": ["type": .letterKind], "UUN": ["type": .noticeKind],
        "UBN": ["type": .noticeKind], "PGD": ["device": .device], "BYE": ["one": .leaving],
        "XFR": ["flag": .directness], "RNG": ["flag": .directness], "BLP": ["setting": .setting],
        "GTC": ["setting": .setting],
    ]

    private static let table: [String: Meaning] = [
        "trid": .number, "length": .number, "index": .number, "total": .number, "contacts": .number,
        "groups": .number, "minutes": .number, "seconds_to_next": .number, "size": .number,
        "friendly": .name, "value": .name, "email": .account, "from_email": .account, "to_email": .account,
        "recipient": .account, "state": .state, "list": .list, "lists": .lists, "network": .network,
        "from_network": .network, "to_network": .network, "networks": .networks, "caps": .capabilities, "lcid": .locale,
        "msnobj": .object,
        "icon_url": .encoded, "params": .pairs, "package": .package, "stage": .stage, "transport": .transport,
        "restricted": .restriction,
        "ack": .acknowledgement, "reason": .reason, "hop_base64": .base64, "property": .property, "code": .transferEnd,
    ]
}
