// Reads offline message notices from frames.

internal import MSNP
internal import Payloads

extension OfflineNotice {
    /// The waiting messages that a notification frame announces; empty for other frames.
    static func messages(in frame: Frame, _ charsets: CharsetDecoder = .basic) -> [OfflineNotice.Message] {
        guard frame.verb == "MSG", let type = Headers.value(of: "content-type", in: frame.payload),
            Headers.equal(frame.bytes[type].prefix(8), "text/x-m"),
            case .offline(let notice) = MessagePayload(frame.payload, charsets: charsets).body
        else { return [] }
        return notice.messages
    }
}
