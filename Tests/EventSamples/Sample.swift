// Events for the tests of what reads and shows events.

internal import Analysis
package import Events
package import MSNP

/// Events to show.
package enum Sample {
    /// Bytes that were to be one command are not.
    package struct NotACommand: Error { package var bytes: [UInt8] }

    /// 2005-05-06 15:28:18.123456789 UTC.
    package static let time = Timestamp(nanoseconds: 1_115_393_298_123_456_789)

    /// A frame of exactly these bytes.
    package static func frame(_ bytes: [UInt8]) throws -> Frame {
        guard let frame = Frame(bytes) else { throw NotACommand(bytes: bytes) }
        return frame
    }

    /// The event of a frame.
    package static func frame(
        _ text: String, _ side: Side = .client, conn: Int = 3, role: Role = .notification,
        dialect: Dialect? = Dialect(8),
        signIn: SignIn? = nil
    ) throws -> Event {
        event(.frame(try frame(Array(text.utf8)), from: side), conn: conn, role: role, dialect: dialect, signIn: signIn)
    }

    package static func event(
        _ kind: Event.Kind, conn: Int = 3, role: Role = .notification, dialect: Dialect? = Dialect(8),
        signIn: SignIn? = nil
    ) -> Event { Event(time: time, connection: conn, role: role, dialect: dialect, signIn: signIn, kind: kind) }

    /// The same event with the annotation of an analyzer.
    package static func explained(_ event: Event) -> Event {
        var event = event
        var analyzer = FrameAnalyzer(connection: event.connection)
        _ = analyzer.take(&event)
        return event
    }
}
