// Says what the frames of one connection mean, in the order in which they come. Relay, captures and archive share it.

package import Events
internal import MSNP
internal import Payloads

/// Explains the events of one connection.
///
///     var commentary = Commentary(connection: 3)
///     let further = commentary.take(&event)      // event has its remark; further events follow from it
package struct ConnectionAnalyzer: Sendable {
    private var conversation: Conversation
    private var requests: Requests?
    private var inspection: ConformanceChecker
    private var secrets = PerSide(client: SecretTracker(side: .client), server: SecretTracker(side: .server))
    private var transfers: Transfers?
    /// Whether what was said may be left out without a trace, as in a log that people wrote down.
    private let isExcerpt: Bool
    private var isLink = false
    private var senderHasConnected = false

    /// A commentary on a connection.
    ///
    /// - Parameters:
    ///   - connection: its number.
    ///   - passwords: what the answers to `USR MD5` are checked against.
    ///   - isExcerpt: whether what was said may be left out without a trace, as in a log that people wrote down.
    package init(connection: Int, passwords: Passwords = .none, isExcerpt: Bool = false) {
        self.isExcerpt = isExcerpt
        conversation = Conversation(connection: connection)
        inspection = ConformanceChecker(passwords: passwords, mixesServers: isExcerpt)
    }

    /// Explains an event.
    ///
    /// - Parameter event: gets its remark, if it is a frame.
    /// - Returns: what follows from it: messages that are whole now, findings.
    package mutating func take(_ event: inout Event) -> [Event.Kind] {
        switch event.kind {
        case .frame(let frame, let side):
            var annotation = Annotation()
            let speaker = event.role == .fileTransfer ? speaker(of: frame, side) : side
            annotation.reading = CommandReading(frame, from: speaker, role: event.role, dialect: event.dialect)
            var further: [Event.Kind] = []
            join(frame, side, event, &annotation, &further)
            let headers = frame.verb == "MSG" && !frame.payload.isEmpty ? Headers.kind(of: frame.payload) : nil
            annotation.headers = headers
            event.secrets = secrets[side].ranges(in: frame, headers: headers)
            inspection.inspect(frame, speaker, event, headers, &annotation, &further)
            if speaker != side { further = further.map { Self.turned($0, to: side) } }
            annotation.whole = conversation.take(frame, headers, from: side, event, &further)
            if let whole = annotation.whole {
                follow(whole, side, event, Headers.kind(of: whole.payload), &annotation, &further)
            } else if headers?.messageID == nil || headers.flatMap({ MessagePart(frame.bytes, $0) }) == nil {
                follow(frame, side, event, headers, &annotation, &further)
            }
            if annotation.reading == nil {
                annotation.reading = CommandReading(
                    guessing: frame, from: speaker, role: event.role, dialect: event.dialect)
            }
            event.annotation = annotation
            return further
        case .noise(let noise, let side):
            let role = event.role
            event.secrets = secrets[side].ranges(in: noise, role: role)
            if event.role == .peerToPeer {
                follow(noise, side, &event)
                return []
            }
            if side == .client { miss() }
            return inspection.inspect(noise, side)
        case .gap(let count, _, let side):
            if transfers == nil { transfers = Self.follower }
            transfers?.lose(count, at: Place(event, side))
            secrets[side].lose()
            if side == .client { miss() }
            inspection.gap(side)
            return []
        default: return []
        }
    }

    /// What is left when the connection ends: messages that never became whole.
    package mutating func finish() -> [Event.Kind] {
        conversation.finish() + (isLink ? [] : transfers?.finish() ?? []).compactMap { TransferFindings.kind($0, nil) }
    }

    /// Follows what is transferred. A direct link alone does not tell enough: what it carries was agreed on elsewhere.
    private mutating func follow(
        _ frame: Frame, _ side: Side, _ event: Event, _ headers: Headers.Kind?, _ annotation: inout Annotation,
        _ further: inout [Event.Kind]
    ) {
        guard event.role == .switchboard || event.role == .notification else { return }
        switch frame.verb {
        case "MSG":
            guard let type = headers?.type else { return }
            if frame.bytes[type].starts(with: "text/x-msmsgsinvite".utf8) { annotation.mayAgree = true }
            guard frame.bytes[type].starts(with: "application/x-msnmsgrp2p".utf8) else { return }
        case "UUN", "UBN", "SDG": break
        // Whose connection it is.
        case "USR", "ANS":
            if event.role == .notification {
                annotation.mayAgree = side == .client
                return
            }
        // Who else was there when something was said, or was not.
        case "JOI", "IRO":
            annotation.mayAgree = true
            return
        default: return
        }
        annotation.mayAgree = true
        let place = Place(event, side)
        if transfers == nil { transfers = Self.follower }
        for news in transfers?.take(frame, at: place) ?? [] {
            if case .joined(let message) = news { annotation.joined = Annotation.Joined(fields: message.fields) }
            if let finding = TransferFindings.kind(news, side) { further.append(finding) }
        }
    }

    /// Follows a direct link for MSNSLP messages that come in several packets. What is wrong with the rest can only be told
    /// by who knows what was agreed on: `CrossConnectionTransfers`.
    private mutating func follow(_ noise: Noise, _ side: Side, _ event: inout Event) {
        isLink = true
        if transfers == nil { transfers = Self.follower }
        for case .joined(let message) in transfers?.take(noise, at: Place(event, side)) ?? [] {
            event.annotation = event.annotation ?? Annotation()
            event.annotation?.joined = Annotation.Joined(fields: message.fields)
        }
    }

    private static var follower: Transfers {
        Transfers(.checking { RunningSHA1() }, scope: .oneConnection, sha1: RunningSHA1.digest)
    }

    /// Who speaks as the table has it, where the server is who sends the file: with `Sender-Connect` it is the other way
    /// round, as the receiver's and the sender's own commands show.
    private mutating func speaker(of frame: Frame, _ side: Side) -> Side {
        switch (frame.verb, side) {
        case ("USR", .server), ("TFR", .server), ("FIL", .client): senderHasConnected = true
        default: break
        }
        return senderHasConnected ? side.other : side
    }

    private static func turned(_ kind: Event.Kind, to side: Side) -> Event.Kind {
        guard case .finding(var finding) = kind else { return kind }
        finding.side = side
        return .finding(finding)
    }

    private mutating func miss() {
        if requests == nil { requests = Requests(isComplete: false) } else { requests?.miss() }
    }

    /// Joins replies to requests.
    private mutating func join(
        _ frame: Frame, _ side: Side, _ event: Event, _ annotation: inout Annotation, _ further: inout [Event.Kind]
    ) {
        if requests == nil {
            // A client speaks first: where it does not, what it said before was not heard.
            requests = Requests(isComplete: !isExcerpt && side == .client && FirstCommand(frame).role != .unknown)
        }
        guard let transaction = transaction(of: frame, side, event.dialect) else { return }
        if side == .client {
            if requests?.note(frame.verb, transaction, at: event.time.nanoseconds) == true {
                further.append(
                    .finding(
                        Finding(
                            .transactionRepeated, "\(frame.verb) \(transaction) has the number of an earlier request.",
                            side: side)))
            }
        } else if let request = requests?.answer(frame.verb, transaction) {
            annotation.request = request.verb
            if !event.time.isStandIn { annotation.delay = max(0, event.time.nanoseconds &- request.time) }
        } else if frame.transaction(from: side, in: event.dialect) != nil, requests?.isUnheardOf(transaction) == true {
            further.append(
                .finding(
                    Finding(
                        .replyWithoutRequest, "\(frame.verb) \(transaction) answers a request that was never made.",
                        side: side)))
        }
    }

    /// The transaction identifier of a frame. A command that no source knows has one if a number stands there.
    private func transaction(of frame: Frame, _ side: Side, _ dialect: Dialect?) -> UInt32? {
        if let known = frame.transaction(from: side, in: dialect) { return known }
        let isUnknown = CommandForm.forms(of: frame.verb, from: side).isEmpty && !frame.verb.isError
        return isUnknown && frame.verb != .empty ? frame.leadingNumber : nil
    }
}
