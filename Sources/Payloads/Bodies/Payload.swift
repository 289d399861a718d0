// Parses the payload of any command: the entry point of this module.

package import MSNP

/// A payload, parsed by the rules of its command (commands.tsv, payload-rules.md).
package enum Payload: Sendable {
    /// MSG, UUM, UBM.
    case message(MessagePayload)
    /// SDG, PUT, NFY, DEL.
    case envelope(Envelope)
    /// UUX, UBX.
    case personal(PersonalData)
    /// ADL, RML, FQY, and error responses that contain a contact list.
    case roster(ContactListBody)
    /// NOT, IPG.
    case notification(Alert)
    /// GCF (the service's policies) and other XML.
    case xml(XML)
    /// PAG, PGD: a page to a phone.
    case page(text: String)
    /// SDC: the text of an invitation to a contact; the text that servers send with errors.
    case text(String)
    /// UUN, UBN: a notification between two clients, with the number of its type.
    case userNotice(type: UInt64?, text: String?, xml: XML?)
    /// QRY: the response to a challenge.
    case challengeAnswer(String)

    /// Parses the payload of a command.
    ///
    /// - Parameters:
    ///   - frame: the command.
    ///   - payload: bytes to parse in place of the frame's payload, such as masked ones.
    ///   - charsets: decodes text to UTF-8.
    /// - Returns: nil if there is no payload.
    package init?(_ frame: Frame, payload: ByteSlice? = nil, charsets: CharsetDecoder = .basic) {
        let bytes = payload ?? frame.payload
        guard !bytes.isEmpty else { return nil }
        switch frame.verb {
        case "MSG", "UUM", "UBM": self = .message(MessagePayload(bytes, charsets: charsets))
        case "SDG", "PUT", "NFY", "DEL": self = .envelope(Envelope(bytes, charsets: charsets))
        case "UUX", "UBX": self = .personal(PersonalData(XML.document(bytes)))
        case "ADL", "RML", "FQY": self = .roster(ContactListBody(XML.document(bytes)))
        case "NOT", "IPG": self = .notification(Alert(XML.document(bytes)))
        case "GCF": self = .xml(XML.document(bytes))
        case "PAG", "PGD":
            let document = XML.document(bytes)
            self = .page(text: document.text(of: "TEXT") ?? charsets.text(bytes, declared: nil))
        case "UUN", "UBN": self = Self.userNotice(frame, bytes, charsets)
        case "QRY": self = .challengeAnswer(String(decoding: bytes.prefix(64), as: UTF8.self))
        default:
            let document = bytes.first == 0x3C ? XML.document(bytes) : nil
            if let document, document.first("ml") != nil {
                self = .roster(ContactListBody(document))
            } else if let document, !document.children.isEmpty {
                self = .xml(document)
            } else {
                self = .text(charsets.text(bytes, declared: nil))
            }
        }
    }

    /// Type 3 is MSNSLP; types 1, 4 and others are XML, words or numbers.
    private static func userNotice(_ frame: Frame, _ bytes: ByteSlice, _ charsets: CharsetDecoder) -> Payload {
        let type = Command.noticeType(of: frame)
        let document = bytes.first == 0x3C ? XML.document(bytes) : nil
        if let document, !document.children.isEmpty { return .userNotice(type: type, text: nil, xml: document) }
        return .userNotice(type: type, text: charsets.text(bytes, declared: nil), xml: nil)
    }

    /// The payload as named fields.
    package var fields: [Field] {
        var fields = FieldList()
        switch self {
        case .message(let message): return message.fields
        case .envelope(let envelope): return envelope.fields
        case .personal(let data): return data.fields
        case .roster(let roster): return roster.fields
        case .notification(let notification): return notification.fields
        case .xml(let document): return document.fields
        case .page(let text), .text(let text): fields.add("text", text)
        case .userNotice(let type, let text, let xml):
            fields.add("type", type)
            fields.add("purpose", type.flatMap(Self.purpose))
            fields.add("text", text)
            if type == 3, let slp = text.flatMap({ SLPMessage(ByteSlice($0.utf8)) }) {
                fields.add("slp", .fields(slp.fields))
            }
            if let xml { fields.add("xml", .fields(xml.fields)) }
        case .challengeAnswer(let digest): fields.add("answer", digest)
        }
        return fields.all
    }

    /// The purpose of a type of UUN and UBN (commands.tsv), in `lower_snake`; nil if unknown.
    private static func purpose(_ type: UInt64) -> String? {
        ValueName.of("\(type)".utf8, as: .noticeKind)?.replacing(" ", with: "_")
    }
}
