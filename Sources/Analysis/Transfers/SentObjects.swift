// Files and objects that one connection shows: summaries of transfers and of offers.

internal import Charsets
internal import Events
internal import MSNP
internal import Payloads

extension SentObject {
    /// A transfer that ended, or never will.
    init(_ transfer: Transfer) {
        let isAbsent = transfer.received.count == 0 && !transfer.isComplete
        self.init(
            kind: transfer.kind, name: transfer.name, sender: transfer.sender, size: transfer.expectedSize,
            isComplete: isAbsent ? nil : transfer.isComplete,
            time: Timestamp(nanoseconds: transfer.places.first?.time ?? transfer.lastTime))
    }

    /// The file or object that an event shows; nil for other events.
    init?(_ event: TransferEvent) {
        switch event {
        case .ended(let transfer), .offered(let transfer): self.init(transfer)
        case .piece, .arranged, .dropped, .invited, .joined, .finding: return nil
        }
    }

    /// The file that an invitation of MSNFTP offers; nil if it offers none.
    ///
    /// - Parameter own: the client's account as the switchboard shows it, for connections without a known sign-in.
    init?(invitation frame: Frame, from side: Side, _ event: Event, own: String) {
        let invitation = InviteMessage(payload: frame.payload, charsets: .iconv)
        guard invitation.command == .invite, let file = invitation.file else { return nil }
        let sender =
            side == .client ? event.signIn?.account ?? own : frame.argument(0).map { AccountEndpoint($0).account }
        self.init(
            kind: "file", name: file, sender: sender ?? "", size: invitation.fileSize, isComplete: nil,
            time: event.time)
    }
}
