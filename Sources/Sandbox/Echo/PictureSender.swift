// Sends pictures to clients that request them over the peer-to-peer layer (p2p.md sections 2 and 4).

import MSNP
import Payloads

/// The sender's side of picture transfers in one conversation, version 1 of the layer.
///
/// The client invites; the sender accepts, then sends the data preparation and the data. It sends each only after the
/// client has acknowledged the one before. All other invitations are declined.
struct PictureSender {
    private struct Transfer {
        enum Step { case accepted, preparing, sending, sent }

        let account: String
        /// The session identifier and `Call-ID` of the invitation.
        let session: UInt32
        let call: String
        /// The application's number, which the packets repeat.
        let application: UInt32
        let picture: OfferedPicture
        var step = Step.accepted
        /// The identifier of the message whose acknowledgement starts the next step.
        var awaited: UInt32
    }

    /// A message of which some chunks are missing.
    private struct Incomplete {
        let account: String
        let identifier: UInt32
        let totalSize: UInt64
        var bytes: [UInt8] = []
    }

    private var transfers: [Transfer] = []
    private var incomplete: [Incomplete] = []
    private var lastIdentifier: UInt32 = 0x4000

    /// The largest number of transfers at a time; a client needs one for each picture.
    private static let mostTransfers = 8
    /// The largest number of incomplete messages; their largest size in bytes: an invitation has about 1,300.
    private static let mostIncomplete = 4
    private static let mostText = 16_384

    /// Processes a message of the peer-to-peer layer.
    ///
    /// - Parameter account: the client's account.
    /// - Returns: the payloads of the answers; none if the message is for someone else.
    mutating func receive(_ frame: Frame, from account: String) -> [[UInt8]] {
        guard let envelope = PeerEnvelope(frame, from: .client), envelope.version == .one,
            envelope.to.lowercased() == EchoContact.account
        else { return [] }
        return envelope.packets.flatMap { bytes -> [[UInt8]] in
            guard let packet = try? PeerPacket(bytes, version: .one), case .one(let header) = packet.header else {
                return []
            }
            return receive(header, packet.data, from: account)
        }
    }

    private mutating func receive(_ header: PeerHeader, _ data: ByteSlice, from account: String) -> [[UInt8]] {
        if header.flags & PeerFlag.acknowledgement != 0 { return proceed(after: header.ackIdentifier, account) }
        guard header.flags & PeerFlag.failure == 0 else {
            transfers.removeAll { $0.account == account && $0.session == header.sessionID }
            return []
        }
        guard header.sessionID == 0, let text = assemble(header, data, account) else { return [] }
        lastIdentifier &+= 1
        let acknowledgement = PeerMessage.acknowledgement(of: header, identifier: lastIdentifier, to: account)
        return [acknowledgement] + (SLPMessage(ByteSlice(text)).map { answer($0, account) } ?? [])
    }

    /// Adds a chunk.
    ///
    /// - Returns: the message if it is complete.
    private mutating func assemble(_ header: PeerHeader, _ data: ByteSlice, _ account: String) -> [UInt8]? {
        let known = incomplete.firstIndex { $0.account == account && $0.identifier == header.identifier }
        var message =
            known.map { incomplete.remove(at: $0) }
            ?? Incomplete(account: account, identifier: header.identifier, totalSize: header.totalSize)
        guard !data.isEmpty, header.totalSize <= UInt64(Self.mostText), header.totalSize == message.totalSize,
            header.offset == UInt64(message.bytes.count)
        else { return nil }
        message.bytes += data
        let size = UInt64(message.bytes.count)
        guard size < message.totalSize else { return size == message.totalSize ? message.bytes : nil }
        incomplete.append(message)
        if incomplete.count > Self.mostIncomplete { incomplete.removeFirst() }
        return nil
    }

    private mutating func answer(_ message: SLPMessage, _ account: String) -> [[UInt8]] {
        guard let reply = SLPReply(to: message, account: account) else { return [] }
        switch message.method {
        case "INVITE" where reply.contentType == SLPReply.session: return answerInvitation(message, reply, account)
        case "INVITE" where reply.contentType == SLPReply.directLink:
            return send(reply.withoutDirectLink, to: account).payloads
        case "INVITE": return send(reply.declined, to: account).payloads
        case "BYE":
            transfers.removeAll { $0.account == account && $0.call == reply.call }
            return []
        default: return []
        }
    }

    private mutating func answerInvitation(
        _ message: SLPMessage, _ reply: SLPReply, _ account: String
    ) -> [[UInt8]] {
        guard message.application == .object, let session = message.sessionID, session != 0,
            let digest = message.context.flatMap({ MSNObject(plain: ByteSlice($0)) })?.dataDigest,
            let picture = EchoContact.picture(withDigest: digest)
        else { return send(reply.declined, to: account).payloads }
        let requested = message.value("AppID").flatMap { UInt32($0) }
        let application = [1, 11, 12].contains(requested) ? requested ?? 1 : 1
        let accepted = send(reply.accepted, to: account)
        transfers.append(
            Transfer(
                account: account, session: session, call: reply.call, application: application, picture: picture,
                awaited: accepted.identifier))
        if transfers.count > Self.mostTransfers { transfers.removeFirst() }
        return accepted.payloads
    }

    /// Sends what follows an acknowledged message.
    private mutating func proceed(after identifier: UInt32, _ account: String) -> [[UInt8]] {
        let place = transfers.firstIndex {
            $0.account == account && $0.awaited == identifier && $0.step != .sent
        }
        guard let place else { return [] }
        var transfer = transfers[place]
        let sent: (payloads: [[UInt8]], identifier: UInt32)
        switch transfer.step {
        case .accepted:
            transfer.step = .preparing
            sent = send([0, 0, 0, 0], in: transfer.session, application: transfer.application, to: account)
        case .preparing:
            transfer.step = .sending
            sent = send(
                transfer.picture.data, in: transfer.session, flags: PeerFlag.object, application: transfer.application,
                to: account)
        case .sending, .sent:
            transfer.step = .sent
            sent = ([], identifier)
        }
        transfer.awaited = sent.identifier
        transfers[place] = transfer
        return sent.payloads
    }

    private mutating func send(
        _ data: [UInt8], in session: UInt32 = 0, flags: UInt32 = 0, application: UInt32 = 0, to account: String
    ) -> (payloads: [[UInt8]], identifier: UInt32) {
        lastIdentifier &+= 1
        let message = PeerMessage(
            session: session, identifier: lastIdentifier, flags: flags, application: application, data: data)
        return (message.payloads(to: account), lastIdentifier)
    }
}
