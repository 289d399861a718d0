// Bytes of both sides through a tap and an analyzer.

package import Analysis
package import Events
package import MSNP

/// One connection whose bytes go through a tap and an analyzer, and the events of both.
package struct TappedConnection {
    package var tap = Tap()
    package var analyzer = FrameAnalyzer(connection: 5)
    package var kinds: [Event.Kind] = []

    package init() {}

    package mutating func receive(_ bytes: [UInt8], _ side: Side) {
        tap.count(bytes.span, from: side)
        var position = 0
        while let kind = tap.next(bytes.span, from: &position, side: side) {
            var event = Event(
                time: Timestamp(nanoseconds: 0), connection: 5, role: tap.role, dialect: tap.dialect, kind: kind)
            kinds.append(kind)
            kinds += analyzer.take(&event)
        }
    }
    package mutating func client(_ text: String) { receive(Array(text.utf8), .client) }
    package mutating func server(_ text: String) { receive(Array(text.utf8), .server) }

    /// A text message, framed for a side.
    package mutating func receiveMessage(_ payload: String, _ side: Side) {
        let length = payload.utf8.count
        if side == .client {
            client("MSG 4 N \(length)\r\n\(payload)")
        } else {
            server("MSG bob@x.example Bob \(length)\r\n\(payload)")
        }
    }

    package var messages: [Message] { kinds.compactMap { if case .message(let message) = $0 { message } else { nil } } }
    package func findings(_ name: FindingName) -> [Finding] {
        kinds.compactMap { if case .finding(let finding) = $0, finding.name == .known(name) { finding } else { nil } }
    }
    package func bytes(_ wanted: Side) -> [UInt8] {
        kinds.flatMap { kind -> [UInt8] in
            switch kind {
            case .frame(let frame, let side) where side == wanted: Array(frame.bytes)
            case .noise(let noise, let side) where side == wanted: Array(noise.bytes)
            default: []
            }
        }
    }
}
