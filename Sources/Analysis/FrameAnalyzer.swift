// Analyses the events of one connection in order: annotates frames, reassembles messages, makes findings.

package import Events
internal import MSNP
internal import Payloads

/// Analyses the events of one connection. Relay, capture reader and archive share it.
///
///     var analyzer = FrameAnalyzer(connection: 3)
///     let further = analyzer.take(&event)      // sets event.annotation; returns messages and findings
package struct FrameAnalyzer: Sendable {
    private let options: AnalysisOptions
    private var messages: MessageAssembler
    private var requests: RequestTracker?
    private var conformance: ConformanceChecker
    private var secrets = PerSide(client: SecretTracker(side: .client), server: SecretTracker(side: .server))
    private var transfers: Transfers?
    /// What reads HTTP messages; at most one element. An array, because few connections have them.
    private var http: [HTTPReader] = []
    /// Whether frames may be missing without a gap event, as in a log that people pasted.
    private let isExcerpt: Bool
    private var isDirectLink = false
    /// Set by `finish`: the transfers that never ended.
    private(set) var unfinished: [SentObject] = []
    /// Whether this is a file transfer in which the sender opened the connection (`Sender-Connect`).
    private var senderHasConnected = false

    /// Creates an analyzer for one connection.
    ///
    /// - Parameters:
    ///   - connection: the number of the connection.
    ///   - options: what to compute.
    ///   - passwords: the passwords for checking the answers to `USR MD5`.
    ///   - isExcerpt: whether frames may be missing without a gap event, as in a log that people pasted.
    package init(
        connection: Int, _ options: AnalysisOptions = .all, passwords: Passwords = .none, isExcerpt: Bool = false
    ) {
        self.options = options
        self.isExcerpt = isExcerpt
        messages = MessageAssembler(connection: connection, options)
        conformance = ConformanceChecker(passwords: passwords, mixesServers: isExcerpt)
    }

    /// Analyses the next event of the connection.
    ///
    /// - Parameter event: receives its annotation and its secret ranges.
    /// - Returns: the messages that the event completes, and findings.
    package mutating func take(_ event: inout Event) -> [Event.Kind] {
        switch event.kind {
        case .frame(let frame, let side):
            var annotation = Annotation()
            var further: [Event.Kind] = []
            var whole: Frame?
            let headers = frame.verb == "MSG" && !frame.payload.isEmpty ? Headers.kind(of: frame.payload) : nil
            annotation.headers = headers
            if options.contains(.secrets) { event.secrets = secrets[side].ranges(in: frame, headers: headers) }
            if options.contains(.conformance) { explain(frame, side, event, headers, &annotation, &further) }
            if options.contains(.multipart) {
                whole = messages.add(frame, headers, from: side, event, &further)
            }
            if let whole { annotation.whole = whole }
            if options.contains(.transfers) {
                if let whole {
                    trackTransfers(whole, side, event, Headers.kind(of: whole.payload), &annotation, &further)
                } else if headers?.messageID == nil || headers.flatMap({ MessagePart(frame.bytes, $0) }) == nil {
                    trackTransfers(frame, side, event, headers, &annotation, &further)
                }
            }
            event.annotation = annotation
            return further
        case .noise(let noise, let side):
            let role = event.role
            if options.contains(.secrets) { event.secrets = secrets[side].ranges(in: noise, role: role) }
            if noise.reason == .httpMessage { return readHTTP(noise.bytes, side, event.time) }
            if event.role == .peerToPeer {
                if options.contains(.transfers) { joinLinkPackets(noise, side, &event) }
                return []
            }
            guard options.contains(.conformance) else { return [] }
            if side == .client { requestsMayBeMissing() }
            return conformance.inspect(noise, side)
        case .gap(let count, _, let side):
            if options.contains(.transfers) {
                if transfers == nil { transfers = Self.newTransfers }
                transfers?.lose(count, at: Place(event, side))
            }
            secrets[side].lose()
            if !http.isEmpty { return http[0].lose(count, from: side, at: event.time).map(Event.Kind.http) }
            if side == .client { requestsMayBeMissing() }
            conformance.gap(side)
            return []
        default: return []
        }
    }

    /// Ends the analysis: returns incomplete messages and transfers.
    package mutating func finish() -> [Event.Kind] {
        let ended = isDirectLink ? [] : transfers?.finish() ?? []
        unfinished += ended.compactMap { SentObject($0) }
        if !http.isEmpty { return http[0].finish().map(Event.Kind.http) }
        return messages.finish() + ended.compactMap { TransferFindings.kind($0, nil) }
    }

    /// The HTTP messages that a block completes.
    private mutating func readHTTP(_ block: ByteSlice, _ side: Side, _ time: Timestamp) -> [Event.Kind] {
        guard options.contains(.http) else { return [] }
        if http.isEmpty { http = [HTTPReader()] }
        return http[0].take(block, from: side, at: time).map(Event.Kind.http)
    }

    /// Names the arguments of a frame, matches a reply with its request, and checks the frame.
    private mutating func explain(
        _ frame: Frame, _ side: Side, _ event: Event, _ headers: Headers.Kind?, _ annotation: inout Annotation,
        _ further: inout [Event.Kind]
    ) {
        let tableSide = event.role == .fileTransfer ? tableSide(of: frame, side) : side
        annotation.reading = CommandReading(frame, from: tableSide, role: event.role, dialect: event.dialect)
        matchRequest(frame, side, event, &annotation, &further)
        conformance.inspect(frame, tableSide, event, headers, &annotation, &further)
        if tableSide != side { further = further.map { Self.reassigned($0, to: side) } }
        if annotation.reading == nil {
            annotation.reading = CommandReading(
                guessing: frame, from: tableSide, role: event.role, dialect: event.dialect)
        }
    }

    /// Passes frames of the peer-to-peer layer to the transfer state of this connection, and sets `mayAgree` on frames
    /// that `CrossConnectionTransfers` needs.
    private mutating func trackTransfers(
        _ frame: Frame, _ side: Side, _ event: Event, _ headers: Headers.Kind?, _ annotation: inout Annotation,
        _ further: inout [Event.Kind]
    ) {
        let role = event.role
        guard role == .switchboard || role == .notification else { return }
        var envelope: PeerEnvelope?
        switch frame.verb {
        case "MSG":
            guard let type = headers?.type else { return }
            if frame.bytes.span.holds("text/x-msmsgsinvite", at: type.lowerBound) {
                annotation.mayAgree = true
                if let offer = SentObject(invitation: frame, from: side, event, own: messages.own) {
                    annotation.transfers.append(offer)
                }
            }
            guard frame.bytes.span.holds("application/x-msnmsgrp2p", at: type.lowerBound) else { return }
            // The transfers join messages that were sent in parts themselves.
            if headers?.messageID == nil, PeerEnvelope.isType(frame.bytes[type]) {
                envelope = PeerEnvelope(message: frame, from: side)
            }
        case "UUN", "UBN", "SDG":
            envelope = PeerEnvelope(frame, from: side)
            if envelope == nil {
                annotation.mayAgree = true
                return
            }
        case let verb where Participants.mayChange(with: verb):
            if role == .notification {
                annotation.mayAgree = side == .client
                return
            }
        default: return
        }
        annotation.mayAgree = true
        let place = Place(event, side)
        if transfers == nil { transfers = Self.newTransfers }
        if let envelope { annotation.envelope = envelope }
        for transferEvent in transfers?.take(frame, envelope, at: place) ?? [] {
            if case .joined(let message) = transferEvent {
                annotation.joined = Annotation.Joined(fields: message.fields)
            }
            if let object = SentObject(transferEvent) { annotation.transfers.append(object) }
            if let finding = TransferFindings.kind(transferEvent, side) { further.append(finding) }
        }
    }

    /// Joins MSNSLP messages that a direct link carries in several packets. Findings on direct links need the
    /// negotiation on other connections, so `CrossConnectionTransfers` makes them.
    private mutating func joinLinkPackets(_ noise: Noise, _ side: Side, _ event: inout Event) {
        isDirectLink = true
        if transfers == nil { transfers = Self.newTransfers }
        for case .joined(let message) in transfers?.take(noise, at: Place(event, side)) ?? [] {
            event.annotation = event.annotation ?? Annotation()
            event.annotation?.joined = Annotation.Joined(fields: message.fields)
        }
    }

    private static var newTransfers: Transfers {
        Transfers(.checking { RunningSHA1() }, scope: .oneConnection, sha1: RunningSHA1.digest)
    }

    /// The side of a file transfer frame as `commands.tsv` defines it: there, the server is the sender of the file.
    /// With `Sender-Connect` the sides are swapped, which the first command that only one role sends reveals.
    private mutating func tableSide(of frame: Frame, _ side: Side) -> Side {
        switch (frame.verb, side) {
        case ("USR", .server), ("TFR", .server), ("FIL", .client): senderHasConnected = true
        default: break
        }
        return senderHasConnected ? side.other : side
    }

    /// The same finding with another side; other kinds unchanged.
    private static func reassigned(_ kind: Event.Kind, to side: Side) -> Event.Kind {
        guard case .finding(var finding) = kind else { return kind }
        finding.side = side
        return .finding(finding)
    }

    private mutating func requestsMayBeMissing() {
        if requests == nil { requests = RequestTracker(isComplete: false) } else { requests?.markIncomplete() }
    }

    /// Records requests, and annotates a reply with its request and delay.
    private mutating func matchRequest(
        _ frame: Frame, _ side: Side, _ event: Event, _ annotation: inout Annotation, _ further: inout [Event.Kind]
    ) {
        if requests == nil {
            // The client sends the first command of a connection. If the first frame is another one, requests are
            // missing.
            requests = RequestTracker(isComplete: !isExcerpt && side == .client && FirstCommand(frame).role != .unknown)
        }
        guard let transaction = transaction(of: frame, side, event.dialect) else { return }
        if side == .client {
            if requests?.record(frame.verb, transaction, at: event.time.nanoseconds) == true {
                further.append(
                    .finding(
                        Finding(
                            .transactionRepeated,
                            "\(frame.verb) \(transaction) has the transaction identifier of an earlier request.",
                            side: side)))
            }
        } else if let request = requests?.request(answeredBy: frame.verb, transaction) {
            annotation.request = request.verb
            if !event.time.isStandIn { annotation.delay = max(0, event.time.nanoseconds &- request.time) }
        } else if frame.transaction(from: side, in: event.dialect) != nil,
            requests?.isCertainlyUnused(transaction) == true
        {
            further.append(
                .finding(
                    Finding(
                        .replyWithoutRequest, "\(frame.verb) \(transaction) answers a request that was not sent.",
                        side: side)))
        }
    }

    /// The transaction identifier of a frame. For a command that `commands.tsv` does not list, a number as first
    /// argument counts as one.
    private func transaction(of frame: Frame, _ side: Side, _ dialect: Dialect?) -> UInt32? {
        if let known = frame.transaction(from: side, in: dialect) { return known }
        guard !CommandForm.isKnown(frame.verb, from: side), !frame.verb.isError, frame.verb != .empty else {
            return nil
        }
        return frame.leadingNumber
    }
}
