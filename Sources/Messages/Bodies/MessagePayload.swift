// The payload of MSG, UUM and UBM: what its content type says it is (p2p.md section 1).

internal import MSNP

/// A message with its headers.
public struct MessagePayload: Sendable {
    /// The headers, and the body as bytes.
    public let mime: MIMEMessage
    /// The content type in lower case, without parameters; empty where none was named.
    public let type: String
    /// Which part of a longer message this is, if it is one.
    public let part: Part?
    /// What it says.
    public let body: MessageBody
    private let charsets: CharsetDecoder

    /// One of several MSGs that make a message (MSNP9 and later).
    public struct Part: Sendable, Hashable {
        /// `Message-ID`: the same in all parts.
        public var id: String
        /// `Chunks`: how many there are; in the first part only.
        public var count: Int?
        /// `Chunk`: which one this is, counted from 0.
        public var index: Int
    }

    /// Reads a payload.
    ///
    /// - Parameter charsets: turns text into UTF-8.
    public init(_ bytes: ArraySlice<UInt8>, charsets: CharsetDecoder = .basic) {
        self.init(MIMEMessage(bytes), charsets: charsets)
    }

    /// A message whose kind was told elsewhere, or is left to the content type.
    init(_ mime: MIMEMessage, as told: MessageBody? = nil, charsets: CharsetDecoder) {
        self.mime = mime
        self.charsets = charsets
        type = mime.type
        part = mime.text("message-id").flatMap { id in
            if let count = mime.number("chunks") { return Part(id: id, count: Int(clamping: count), index: 0) }
            return mime.number("chunk").map { Part(id: id, count: nil, index: Int(clamping: $0)) }
        }
        if let part, part.count == nil, type.isEmpty {
            body = .laterPart
        } else {
            body = told ?? MessageBody(mime, type: type, charsets)
        }
    }

    /// What is in it by name.
    public var fields: [Field] {
        var fields = FieldList()
        if !type.isEmpty { fields.add("content_type", type) }
        fields.add("charset", mime.charset?.name)
        body.add(to: &fields)
        if let part {
            fields.add("message_id", part.id)
            fields.add("chunks", part.count)
            if part.count == nil { fields.add("chunk", part.index) }
        }
        body.lines(of: mime).add(to: &fields, except: Self.told + body.told, charsets)
        if case .peerToPeer = body {
            let peer = PeerEnvelope(message: mime).fields
            if !peer.isEmpty { fields.add("peer", .fields(peer)) }
        }
        return fields.all
    }

    private static let told: [StaticString] = [
        "mime-version", "content-type", "content-length", "message-id", "chunks", "chunk", "message-type", "messaging",
    ]
}
