// Collects transfers, invitations and incomplete messages of a recording for its transcripts.

package import Events
internal import MSNP
package import Payloads

/// Collects the side events and pictures of one recording after the other: files, invitations, messages recorded in
/// part.
package struct Attachments: Sendable {
    /// The side events of each connection, in order of time after `endOfRecording()`.
    package private(set) var sideEvents: [Int: [SideEvent]] = [:]

    private let sha1: Transfers.Digest
    /// The largest total size of the pictures kept, in bytes.
    private let mostBytes: Int
    private var transfers: Transfers
    private var pictures: [String: String] = [:]
    /// The time of the last message on each switchboard connection of this recording, in nanoseconds since 1970.
    private var lastTimes: [Int: Int64] = [:]
    private var size = 0
    private var count = 0
    private var fragmentBytes = 0
    /// The number of the event that is read.
    private var number: Int64?

    /// The largest total size of the pictures kept, in bytes.
    package static let mostPictureBytes = 32 << 20
    /// The largest emoticon or display picture that clients sent, in bytes.
    private static let largestPicture = 100 << 10
    /// The cost of a kept picture besides its data, in bytes.
    private static let overhead = 256
    private static let mostSideEvents = 100_000
    private static let mostFragmentBytes = 8 << 20
    /// The largest number of open transfers: the data of incomplete ones is kept too.
    private static let mostOpen = 128

    /// - Parameters:
    ///   - keepsPictures: whether to keep pictures for `picture(_:)`.
    ///   - mostBytes: the largest total size of the pictures kept, in bytes.
    ///   - sha1: the SHA-1 function; a picture is kept only if its digest equals the one in its MSN object.
    package init(keepsPictures: Bool, mostBytes: Int = Attachments.mostPictureBytes, sha1: @escaping Transfers.Digest) {
        self.sha1 = sha1
        self.mostBytes = mostBytes
        var limits = TransferLimits()
        limits.open = Self.mostOpen
        transfers = Transfers(keepsPictures ? .data(most: Self.largestPicture) : .nothing, limits: limits, sha1: sha1)
    }

    /// Processes an event. The connections of a recording come one after the other, direct links last.
    ///
    /// - Parameter number: that of the event on its connection, if known.
    package mutating func take(_ event: Event, number: Int64? = nil) {
        self.number = number
        switch event.kind {
        case .frame(let frame, let side):
            // Transfers need a message first, so other connections need no time.
            if event.role == .switchboard, frame.verb == "MSG" || lastTimes[event.connection] != nil {
                lastTimes[event.connection] = event.time.nanoseconds
            }
            note(transfers.take(frame, at: place(event, side)))
        case .noise(let noise, let side): note(transfers.take(noise, at: place(event, side)))
        case .gap(let count, _, let side): transfers.lose(count, at: place(event, side))
        case .message(let message): note(message, event)
        case .opened(let ends): transfers.open(event.connection, to: HostPort(ends.server), isFromStart: false)
        default: return
        }
    }

    /// Ends a connection: all its events were given.
    package mutating func endOfConnection(_ connection: Int) { note(transfers.close(connection, mayGoOn: true)) }

    /// Ends a recording: all its events were given.
    package mutating func endOfRecording() {
        note(transfers.finish())
        lastTimes = [:]
        for connection in sideEvents.keys { sideEvents[connection]?.sort { $0.time < $1.time } }
    }

    /// The `data:` address of the picture with this `SHA1D`; nil if it was not kept.
    package func picture(_ digest: String) -> String? { pictures[digest] }

    /// The number of the event takes the place of the offset.
    private func place(_ event: Event, _ side: Side) -> Place {
        Place(
            connection: event.connection, role: event.role, side: side, time: event.time.nanoseconds,
            offset: UInt64(clamping: number ?? 0))
    }

    private static func address(_ place: Place) -> EventAddress? {
        place.offset > 0
            ? EventAddress(connection: Int64(place.connection), number: Int64(clamping: place.offset)) : nil
    }

    private mutating func note(_ events: [TransferEvent]) {
        for event in events {
            switch event {
            case .ended(let transfer) where transfer.kind == "file": note(file: transfer)
            case .ended(let transfer): note(picture: transfer)
            case .invited(let invitation):
                let time = Timestamp(nanoseconds: invitation.place.time)
                add(
                    SideEvent(
                        time: time, sender: invitation.inviter,
                        partners: Self.partners(invitation.inviter, invitation.invitee),
                        what: .invitation(invitation), address: Self.address(invitation.place)),
                    invitation.place.connection)
            case .piece, .arranged, .dropped, .joined, .offered, .finding: continue
            }
        }
    }

    /// Adds the recorded text of an incomplete message, at the time at which it began.
    private mutating func note(_ message: Message, _ event: Event) {
        guard let fragment = message.fragment, fragmentBytes + message.bytes.count <= Self.mostFragmentBytes else {
            return
        }
        fragmentBytes += message.bytes.count
        let text = TextMessage(text: message.text)
        add(
            SideEvent(
                time: fragment.began, sender: message.from, side: message.side,
                partners: event.role == .notification ? [message.conversation] : nil,
                what: .text(text, .partial(fragment.count(of: message.parts)))),
            event.connection)
    }

    /// Both accounts, one of which is the client's own; nil if one of them is unknown.
    private static func partners(_ sender: String, _ recipient: String) -> Set<String>? {
        sender.isEmpty || recipient.isEmpty ? nil : [sender, recipient]
    }

    private mutating func add(_ sideEvent: SideEvent, _ connection: Int) {
        guard count < Self.mostSideEvents else { return }
        count += 1
        sideEvents[connection, default: []].append(sideEvent)
    }

    private mutating func note(file transfer: Transfer) {
        // MSNFTP's invitations are messages with entries of their own; this adds the outcome of the transfer.
        let usesMSNFTP = transfer.method == .fileTransfer
        guard let name = transfer.name, !usesMSNFTP || transfer.refusal == nil,
            let place = transfer.places.filter({ $0.role != .peerToPeer && $0.role != .fileTransfer })
                .min(by: { $0.time < $1.time })
        else { return }
        let end = lastTimes[place.connection] ?? place.time
        let wasSeen = transfer.places.contains { $0.role == .fileTransfer }
        let time = usesMSNFTP ? (wasSeen ? min(transfer.lastTime, end) : end) : place.time
        var file = SharedFile(
            name: name, size: transfer.expectedSize, received: transfer.received.count,
            isComplete: transfer.isComplete, reason: transfer.reason)
        file.brokeOff = transfer.missing.count == 1 && transfer.missing.first?.lowerBound == transfer.received.count
        file.wasOffered = usesMSNFTP
        add(
            SideEvent(
                time: Timestamp(nanoseconds: time), sender: transfer.sender,
                partners: Self.partners(transfer.sender, transfer.recipient), what: .file(file),
                address: usesMSNFTP ? nil : Self.address(place)),
            place.connection)
    }

    private mutating func note(picture transfer: Transfer) {
        guard let data = transfer.data, let object = transfer.object, let digest = object["SHA1D"] else { return }
        if transfer.kind == "picture", object.dataDigest == sha1(data),
            let place = transfer.places.filter({ $0.role != .peerToPeer }).min(by: { $0.time < $1.time })
        {
            let file = SharedFile(name: "", size: transfer.expectedSize, isComplete: true, picture: digest)
            add(
                SideEvent(
                    time: Timestamp(nanoseconds: place.time), sender: transfer.sender,
                    partners: Self.partners(transfer.sender, transfer.recipient), what: .file(file),
                    address: Self.address(place)),
                place.connection)
        }
        guard pictures[digest] == nil, size + data.count <= mostBytes, let type = Self.mediaType(data),
            object.dataDigest == sha1(data)
        else { return }
        size += data.count + Self.overhead
        pictures[digest] = DataURL.image(data, type: type)
    }

    /// The media type by the first bytes; nil if browsers do not show it.
    private static func mediaType(_ data: [UInt8]) -> String? {
        let types: [(beginning: [UInt8], type: String)] = [
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "image/png"), (Array("GIF8".utf8), "image/gif"),
            ([0xFF, 0xD8, 0xFF], "image/jpeg"), (Array("BM".utf8), "image/bmp"),
        ]
        return types.first { data.starts(with: $0.beginning) }?.type
    }
}
