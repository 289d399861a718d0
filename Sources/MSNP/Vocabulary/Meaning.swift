// What arguments mean beyond their text: states, lists, networks, capabilities, locales.

/// How the text of an argument is to be understood.
public enum Meaning: UInt8, Sendable, Hashable {
    /// Text, and no more.
    case text
    /// A number.
    case number
    /// A name with percent signs.
    case name
    /// An e-mail address, maybe with a network in front and an endpoint behind.
    case account
    /// Presence: `NLN`, `AWY`…
    case state
    /// The name of one list.
    case list
    /// A sum of lists.
    case lists
    /// The number of a network.
    case network
    /// A sum of networks.
    case networks
    /// What a client can do: one or two numbers.
    case capabilities
    /// A language's number.
    case locale
    /// An MSN object with percent signs.
    case object
    /// Which answer the sender of a message wants.
    case acknowledgement
    /// Why the connection ends.
    case reason
    /// Base64 of headers.
    case base64
    /// The property of `PRP` and its kin.
    case property
    /// How a file transfer ended.
    case transferEnd
    /// Text with percent signs that is no name.
    case encoded
    /// `key=value` pairs with commas between.
    case pairs
    /// Which way of proving who one is.
    case package
    /// How far a sign-in is.
    case stage
    /// What an account lets others do.
    case setting
    /// How the next server is to be reached.
    case transport
    /// Whether the next server can be reached without a gateway.
    case directness
    /// Whether an account is a child's.
    case restriction
    /// Why somebody left a conversation.
    case leaving
    /// The kind of a message to another network.
    case letterKind
    /// The kind of what one program tells another.
    case noticeKind
    /// What a page is sent to.
    case device

    /// What an argument means; some names mean something in one command alone.
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
