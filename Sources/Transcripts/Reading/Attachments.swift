// What was sent beside words: files are named in a transcript, pictures shown in their places.

package import Events
package import MSNP
package import Payloads

/// A file that was offered over the peer-to-peer layer.
package struct SharedFile: Sendable, Hashable {
    /// Its name.
    package var name: String
    /// Its length in bytes, where it was told.
    package var size: UInt64?
    /// How many bytes of it were recorded.
    package var received: UInt64 = 0
    /// Whether all of it was recorded.
    package var isComplete: Bool
    /// Whether all was recorded up to some byte, and nothing behind it.
    package var brokeOff = false
    /// Whether the offer was a message, which is told by itself: MSNFTP.
    package var wasOffered = false
    /// Why it did not come whole, where somebody said so.
    package var reason: String?
    /// The `SHA1D` of the display picture that this is; nil for files.
    package var picture: String?
}

/// Something that a reader is told at its time, though it takes all of a recording to know it.
package struct SideEvent: Sendable {
    /// When it began.
    package var time: Timestamp
    /// Who did it; empty where nothing tells.
    package var sender: String
    /// On which side of its connection, where that is known.
    package var side: Side?
    /// With whom: a notification connection has conversations with many. Nil where that is not known.
    package var partners: Set<String>?
    /// What happened.
    package var what: ChatEntry.What
}

/// Collects what transfers brought, and messages that came only in part, one recording after the other.
package struct Attachments: Sendable {
    /// What happened on each connection, in order.
    package private(set) var sideEvents: [Int: [SideEvent]] = [:]

    private let sha1: Transfers.Digest
    private var transfers: Transfers
    private var pictures: [String: String] = [:]
    /// When something was said last in each conversation of this recording.
    private var lastTimes: [Int: Int64] = [:]
    private var size = 0
    private var count = 0
    private var fragmentBytes = 0

    /// Emoticons and display pictures had 100 KiB at most; so many are kept, of so many bytes.
    private static let largestPicture = 100 << 10
    private static let mostBytes = 32 << 20
    /// What keeping the smallest picture costs.
    private static let overhead = 256
    private static let mostAsides = 100_000
    private static let mostFragmentBytes = 8 << 20
    /// How many may be on their way at once: what is not whole is kept too.
    private static let mostOpen = 128

    /// Nothing yet.
    ///
    /// - Parameters:
    ///   - keepsPictures: whether somebody will ask for pictures.
    ///   - sha1: a digest; pictures are shown only if they have the one that their object names.
    package init(keepsPictures: Bool, sha1: @escaping Transfers.Digest) {
        self.sha1 = sha1
        var limits = TransferLimits()
        limits.open = Self.mostOpen
        transfers = Transfers(keepsPictures ? .data(most: Self.largestPicture) : .nothing, limits: limits, sha1: sha1)
    }

    /// Takes an event. The connections of a recording come one after the other, direct links behind the others.
    package mutating func take(_ event: Event) {
        switch event.kind {
        case .frame(let frame, let side):
            // Without a message nobody shares a file there.
            if event.role == .switchboard, frame.verb == "MSG" || lastTimes[event.connection] != nil {
                lastTimes[event.connection] = event.time.nanoseconds
            }
            note(transfers.take(frame, at: Self.place(event, side)))
        case .noise(let noise, let side): note(transfers.take(noise, at: Self.place(event, side)))
        case .gap(let count, _, let side): transfers.lose(count, at: Self.place(event, side))
        case .message(let message): note(message, event)
        case .opened(let ends): transfers.open(event.connection, to: HostPort(ends.server), isFromStart: false)
        default: return
        }
    }

    /// Notes that all of a connection was given.
    package mutating func endOfConnection(_ connection: Int) { note(transfers.close(connection, mayGoOn: true)) }

    /// Notes that all of a recording was given.
    package mutating func endOfRecording() {
        note(transfers.finish())
        lastTimes = [:]
        for connection in sideEvents.keys { sideEvents[connection]?.sort { $0.time < $1.time } }
    }

    /// A picture by the `SHA1D` of its object, as a `data:` address.
    package func picture(_ digest: String) -> String? { pictures[digest] }

    private static func place(_ event: Event, _ side: Side) -> Place {
        Place(connection: event.connection, role: event.role, side: side, time: event.time.nanoseconds, offset: 0)
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
                        what: .invitation(invitation)),
                    invitation.place.connection)
            case .piece, .arranged, .dropped, .joined, .finding: continue
            }
        }
    }

    /// Keeps the words of a message that never was whole: they are told where they were said.
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

    /// Both ends, one of which is the client's own; nil where one of them is not known.
    private static func partners(_ sender: String, _ recipient: String) -> Set<String>? {
        sender.isEmpty || recipient.isEmpty ? nil : [sender, recipient]
    }

    private mutating func add(_ sideEvent: SideEvent, _ connection: Int) {
        guard count < Self.mostAsides else { return }
        count += 1
        sideEvents[connection, default: []].append(sideEvent)
    }

    private mutating func note(file transfer: Transfer) {
        // MSNFTP's invitations are messages, and told as such; what is left to tell is what became of the file.
        let isOwnConnection = transfer.method == .fileTransfer
        guard let name = transfer.name, !isOwnConnection || transfer.refusal == nil,
            let place = transfer.places.filter({ $0.role != .peerToPeer && $0.role != .fileTransfer })
                .min(by: { $0.time < $1.time })
        else { return }
        let end = lastTimes[place.connection] ?? place.time
        let wasSeen = transfer.places.contains { $0.role == .fileTransfer }
        let time = isOwnConnection ? (wasSeen ? min(transfer.lastTime, end) : end) : place.time
        var file = SharedFile(
            name: name, size: transfer.expectedSize, received: transfer.received.count,
            isComplete: transfer.isComplete, reason: transfer.reason)
        file.brokeOff = transfer.missing.count == 1 && transfer.missing.first?.lowerBound == transfer.received.count
        file.wasOffered = isOwnConnection
        add(
            SideEvent(
                time: Timestamp(nanoseconds: time), sender: transfer.sender,
                partners: Self.partners(transfer.sender, transfer.recipient), what: .file(file)),
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
                    partners: Self.partners(transfer.sender, transfer.recipient), what: .file(file)),
                place.connection)
        }
        guard pictures[digest] == nil, size + data.count <= Self.mostBytes, let type = Self.mediaType(data),
            object.dataDigest == sha1(data)
        else { return }
        size += data.count + Self.overhead
        pictures[digest] = ImageAddress.of(data, type: type)
    }

    /// What browsers show, by its first bytes.
    private static func mediaType(_ data: [UInt8]) -> String? {
        let types: [(beginning: [UInt8], type: String)] = [
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "image/png"), (Array("GIF8".utf8), "image/gif"),
            ([0xFF, 0xD8, 0xFF], "image/jpeg"), (Array("BM".utf8), "image/bmp"),
        ]
        return types.first { data.starts(with: $0.beginning) }?.type
    }
}

/// Images in the address itself.
enum ImageAddress {
    static func of(_ data: [UInt8], type: String) -> String {
        "data:\(type);base64," + String(decoding: Base64.encode(data), as: UTF8.self)
    }
}
