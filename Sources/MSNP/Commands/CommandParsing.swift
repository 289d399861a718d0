// Parses the commands that the program acts on, without copying arguments.

extension Command {
    /// Parses a command.
    ///
    /// - Returns: nil for a command without a case, and for too few arguments.
    public init?(_ frame: Frame, from side: Side) {
        switch (frame.verb, side) {
        case ("USR", .client): self.init(userOfClient: frame)
        case ("USR", .server): self.init(userOfServer: frame)
        case ("ANS", .client):
            guard let account = frame.argument(1), account.contains(0x40), let cookie = frame.argument(2) else {
                return nil
            }
            self = .enterSwitchboard(AccountEndpoint(account), cookie: cookie, session: frame.argument(3))
        case ("MSG", .client):
            guard let acknowledgement = frame.argument(1) else { return nil }
            self = .sentMessage(acknowledgement: acknowledgement)
        case ("MSG", .server):
            guard let account = Self.sender(of: frame) else { return nil }
            self = .message(from: account, name: frame.argument(2) == nil ? nil : frame.argument(1))
        case ("JOI", .server):
            guard let account = frame.argument(0) else { return nil }
            self = .joined(AccountEndpoint(account), name: frame.argument(1))
        case ("IRO", .server):
            guard let account = frame.argument(3) else { return nil }
            self = .present(AccountEndpoint(account), name: frame.argument(4))
        case ("BYE", .server):
            guard let account = frame.argument(0) else { return nil }
            self = .left(AccountEndpoint(account), isIdle: frame.argument(1)?.elementsEqual("1".utf8) == true)
        case ("CAL", .server):
            guard let session = frame.argument(2) else { return nil }
            self = .ringing(session: session)
        case ("VER", _):
            let isFileTransfer =
                frame.argumentCount <= 2
                && (frame.argument(1) ?? frame.argument(0))?.elementsEqual("MSNFTP".utf8) == true
            self = isFileTransfer ? .fileTransferVersion : .version(Self.dialects(of: frame, from: side))
        case ("CVR", .client):
            guard let name = frame.argument(5), let version = frame.argument(6) else { return nil }
            self = .program(name: name, version: version)
        case ("XFR", .client):
            guard frame.argumentCount == 2, frame.argument(1)?.elementsEqual("NS".utf8) == true else { return nil }
            self = .requestNotificationServer
        case ("XFR", .server), ("RNG", .server):
            switch Redirect.read(frame) {
            case .redirect(let redirect): self = .redirect(redirect)
            case .softReset: self = .restart
            case .notUnderstood: self = .unknownRedirect
            case .other: return nil
            }
        case ("CHL", .server):
            guard let challenge = frame.argument(1) else { return nil }
            self = .challenge(challenge)
        case ("QRY", .client):
            guard let product = frame.argument(1) else { return nil }
            self = .challengeAnswer(product: product)
        case ("NLN", .server), ("ILN", .server), ("FLN", .server):
            guard let presence = Presence(frame) else { return nil }
            self = .presence(presence)
        case ("LST", .server), ("ADC", .server):
            guard let contact = Contact(frame) else { return nil }
            self = .contact(contact)
        case ("PRP", .server):
            guard let key = frame.firstArgument(where: { $0.elementsEqual("MFN".utf8) }),
                let name = frame.argument(key.index + 1)
            else { return nil }
            self = .ownName(name)
        case ("REA", .server):
            guard let account = frame.firstArgument(where: { $0.contains(0x40) }),
                let name = frame.argument(account.index + 1)
            else { return nil }
            self = .renamed(AccountEndpoint(account.token), name: name)
        case ("UUM", .client):
            guard let recipient = frame.firstArgument(where: Self.isAddress) else { return nil }
            self = .networkMessage(to: recipient.token)
        case ("UBM", .server):
            guard let sender = frame.firstArgument(where: Self.isAddress) else { return nil }
            let recipient = frame.firstArgument(from: sender.index + 1, where: Self.isAddress)
            self = .receivedNetworkMessage(from: sender.token, to: recipient?.token)
        case ("UUN", _), ("UBN", _):
            // The sender decides the form, even if it is not known to send the verb.
            let first = side == .client ? 1 : 0
            guard frame.argumentCount > first + 2, let account = frame.argument(first),
                let type = frame.argument(first + 1)
            else { return nil }
            self = .userNotice(account: account, type: type)
        default: return nil
        }
    }

    private init?(userOfClient frame: Frame) {
        guard let first = frame.argument(1), let second = frame.argument(2) else { return nil }
        if second.elementsEqual("I".utf8), let account = frame.argument(3) {
            self = .signIn(policy: first, account: account)
        } else if first.contains(0x40), frame.argumentCount == 3 {
            self = .enterSwitchboard(AccountEndpoint(first), cookie: second, session: nil)
        } else if let value = frame.argument(3) {
            self = .authentication(policy: first, value: value)
        } else {
            return nil
        }
    }

    private init?(userOfServer frame: Frame) {
        guard let first = frame.argument(1), let second = frame.argument(2) else { return nil }
        if first.elementsEqual("OK".utf8) {
            self = .signedIn(account: second, name: frame.argument(3))
        } else if let value = frame.argument(3) {
            self = .authentication(policy: first, value: value)
        } else {
            return nil
        }
    }
}

// MARK: - Single values

extension Command {
    /// The first 32 dialects that a `VER` lists. Empty for `VER t 0` of a server, which refuses all dialects, and for
    /// file transfers.
    package static func dialects(of version: Frame, from side: Side) -> [Dialect] {
        if side == .server, version.argument(1)?.elementsEqual("0".utf8) == true { return [] }
        var dialects: [Dialect] = []
        var index = 0
        version.forEachArgument { range in
            if index > 0, index <= 32, let dialect = Dialect(token: version.bytes[range]) { dialects.append(dialect) }
            index += 1
        }
        return dialects
    }

    /// The sender in a `MSG` or `UBM` of a server, exactly as on the wire; nil without arguments.
    package static func sender(of message: Frame) -> Token? { message.argument(0) }

    /// The byte range of the payload length in a `MSG` of either side: the last argument. Nil without arguments.
    package static func payloadLength(of message: Frame) -> Range<Int>? {
        message.argument(message.argumentCount - 1).map { $0.startIndex..<$0.endIndex }
    }

    /// The type of a `UUN` or `UBN` of either side: the argument before the payload length. Nil if it is not a number.
    package static func noticeType(of notice: Frame) -> UInt64? {
        let count = notice.argumentCount
        return count > 1 ? notice.argument(count - 2).flatMap { Decimal.value(of: $0) } : nil
    }

    /// Whether an argument is an e-mail address or a telephone number.
    private static func isAddress(_ token: Token) -> Bool { token.contains(0x40) || token.starts(with: "tel:".utf8) }
}

extension Command.MessageAnswer {
    /// Parses a frame of a server; nil for other commands.
    public init?(_ frame: Frame) {
        isRefusal = frame.verb == "NAK" || frame.verb.isError
        guard isRefusal || frame.verb == "ACK", let token = frame.argument(0),
            let number = Decimal.value(of: token).flatMap(UInt32.init(exactly:))
        else { return nil }
        transaction = number
    }
}

// MARK: - Presence and contacts

extension Command.Presence {
    /// Parses `ILN t status account [network] name…`, `NLN status account [network] name…`, `FLN account…`.
    fileprivate init?(_ frame: Frame) {
        guard let (accountIndex, token) = frame.firstArgument(where: { $0.contains(0x40) }) else { return nil }
        // MSNP18 prefixes the account with the network: `1:alice@example.com`.
        let bare = token.firstIndex(of: 0x3A).map { token[($0 + 1)...] } ?? token
        account = String(decoding: Account.of(bare), as: UTF8.self)
        guard frame.verb != "FLN" else {
            status = frame.bytes[..<3]
            name = nil
            return
        }
        status = accountIndex > 0 ? frame.argument(accountIndex - 1) ?? [] : []
        let next = frame.argument(accountIndex + 1)
        let isNetwork = next.map { $0.count < 3 && Decimal.value(of: $0) != nil } ?? false
        name = isNetwork && frame.argument(accountIndex + 3) != nil ? frame.argument(accountIndex + 2) : next
    }
}

extension Command.Contact {
    /// Parses `LST t list version n total account name` (to MSNP7), `LST account name lists…` (to MSNP10), and
    /// `LST N=account F=name … lists…` (later).
    fileprivate init?(_ frame: Frame) {
        guard let (accountIndex, token) = frame.firstArgument(where: { $0.contains(0x40) }) else { return nil }
        account = String(decoding: Account.of(Self.value(token, "N=")), as: UTF8.self)
        name = frame.argument(accountIndex + 1).map { Self.value($0, "F=") }
        lists =
            accountIndex > 1
            ? frame.argument(1)
            : frame.firstArgument(from: accountIndex + 2) { Decimal.value(of: $0) != nil }?.token
    }

    private static func value(_ token: ByteSlice, _ prefix: StaticString) -> ByteSlice {
        token.starts(with: prefix.description.utf8) ? token.dropFirst(prefix.utf8CodeUnitCount) : token
    }
}
