// A list as plain text, as `show` prints it: in it the browser's own search, selection and printing work.

import Archive
import Console
import Events
import Output
import Query

extension DataService {
    /// The length of one part, in bytes.
    private static let partLength = 2 << 20
    /// How long a part may take, in milliseconds.
    private static let partTime = 1_000

    /// A part of the events as text. The field `X-Next` says where to go on.
    func text(_ parameters: Parameters, _ presence: ClientPresence) async throws -> Answer {
        try parameters.requireOneOf(["after", "at"])
        let scope = try Self.scope(of: parameters)
        var start = EventPlace.after(EventCursor(time: .min, connection: 0, number: 0))
        if let text = try parameters.text("after") {
            start = .after(try EventCursor(cursor: text, "after"))
        } else if let text = try parameters.text("at") {
            start = try Self.place(at: text)
        }
        let filter = try Self.eventFilter(parameters, presentation)
        let control = ReadControl(milliseconds: Self.partTime)
        presence.onLeave { control.cancel() }
        return try await reading(.scan) { [start] in
            try self.require(scope, control)
            var filter = filter
            var format = TextFormat(self.presentation)
            var bytes: [UInt8] = []
            var place = start
            var next: EventCursor?
            if case .around(let address) = place {
                // From this event on.
                place = try self.placeBefore(address, control)
            }
            let deadline = ContinuousClock.now + .milliseconds(Self.partTime)
            repeat {
                let window = try self.reader.events(scope, place, limit: 200, .full, control)
                for item in window.items {
                    for event in item.events where filter?.matches(event) ?? true { format.append(event, to: &bytes) }
                }
                next = window.next
                if let next { place = .after(next) }
            } while next != nil && bytes.count < Self.partLength && ContinuousClock.now < deadline
            var answer = Answer(type: "text/plain; charset=utf-8", body: .bytes(bytes))
            if let next { answer.fields.append(("X-Next", next.cursor)) }
            return answer
        }
    }

    private func placeBefore(_ address: EventAddress, _ control: ReadControl) throws -> EventPlace {
        guard let cursor = try reader.cursor(of: address, control) else { throw RequestError(.notFound) }
        return .after(EventCursor(time: cursor.time, connection: cursor.connection, number: cursor.number - 1))
    }
}
