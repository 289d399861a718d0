// Parses the payload of MSG, UUM and UBM by its content type (p2p.md section 1).

package import MSNP

/// A message with its headers.
package struct MessagePayload: Sendable {
    /// The headers, and the body as bytes.
    package let mime: MIMEMessage
    /// The content type in lower case, without parameters; empty if the header is missing.
    package let type: String
    /// The position in a longer message; nil if the message is not split.
    package let part: MessagePart?
    /// The parsed body.
    package let body: MessageBody
    private let charsets: CharsetDecoder

    /// Parses a payload.
    ///
    /// - Parameter charsets: decodes text to UTF-8.
    package init(_ bytes: ByteSlice, charsets: CharsetDecoder = .basic) {
        self.init(MIMEMessage(bytes), charsets: charsets)
    }

    /// Parses a message that is already split into headers and body.
    ///
    /// - Parameters:
    ///   - declaredBody: the body that an envelope's `Message-Type` names; nil if the content type decides.
    ///   - mayBePart: false for the content of envelopes, which is never split.
    init(_ mime: MIMEMessage, as declaredBody: MessageBody? = nil, mayBePart: Bool = true, charsets: CharsetDecoder) {
        self.mime = mime
        self.charsets = charsets
        type = mime.type
        part =
            mayBePart
            ? MessagePart(id: mime["message-id"], chunks: mime["chunks"], chunk: mime["chunk"]) : nil
        if let part {
            body = type == "text/plain" ? .text(TextMessage(mime, part: part, charsets)) : .part
        } else {
            body = declaredBody ?? MessageBody(mime, type: type, charsets)
        }
    }

    /// The message as named fields.
    package var fields: [Field] { fields(with: nil) }

    /// The message as named fields.
    ///
    /// - Parameter envelope: its peer-to-peer content, if it was parsed before.
    package func fields(with envelope: PeerEnvelope?) -> [Field] {
        var fields = FieldList()
        if !type.isEmpty { fields.add("content_type", type) }
        if let name = mime["content-type"].flatMap(CharsetDecoder.charsetName) {
            let text = CharsetDecoder.displayText(name)
            fields.add("charset", text)
            // The name of the character set used for decoding, if it differs from the declared name.
            fields.add("charset_name", mime.charset.flatMap { $0.isCalled(text) ? nil : $0.name })
        }
        body.add(to: &fields)
        fields.add("message_id", mime.text("message-id"))
        for name in ["chunks", "chunk"] as [StaticString] {
            guard let value = mime[name] else { continue }
            let number = Decimal.value(of: value).map { Field(name.description, $0).value }
            fields.add(name.description, number ?? .text(String(decoding: value, as: UTF8.self)))
        }
        body.lines(of: mime).add(
            to: &fields, except: Self.representedHeaders, and: body.representedHeaders, charsets)
        if case .peerToPeer = body {
            let peer = (envelope ?? PeerEnvelope(message: mime)).fields
            if !peer.isEmpty { fields.add("peer", .fields(peer)) }
        }
        return fields.all
    }

    private static let representedHeaders: [StaticString] = [
        "mime-version", "content-type", "content-length", "message-id", "chunks", "chunk", "message-type", "messaging",
    ]
}
