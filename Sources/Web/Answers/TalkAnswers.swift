// The list of talks, and single ones.

import Archive
import Console
import Events
import MSNP
import Output
import Query

extension DataService {
    /// A page of the list of talks, the newest first.
    func talks(_ parameters: Parameters, _ control: ReadControl) async throws -> JSONObject {
        let limit = try parameters.number("limit", in: 1...PageLimits.mostRows, standard: PageLimits.standardRows)
        let place = try Self.listPlace(parameters, .talk)
        let filter = try Self.condition(parameters, .messages)
        return try await reading(filter == nil ? .quick : .scan) {
            let list = try self.reader.talks(place, limit: limit, control) { talk in
                filter?.matches(ListedTalk(talk: talk)) { ListedTalk(talk: talk).values(at: $0) } ?? true
            }
            var object = JSONObject()
            object.add("items", list.items.map { JSONObject($0) })
            object.add("next", list.next?.cursor(kind: .talk))
            object.add("previous", list.previous?.cursor(kind: .talk))
            object.add("done", list.isDone)
            object.add("scanned", list.scanned)
            return object
        }
    }

    /// The talk that a connection is part of.
    func talk(_ number: Int64, _ control: ReadControl) throws -> JSONObject {
        guard let talk = try reader.talk(of: number, control) else { throw RequestError(.notFound) }
        return JSONObject(talk)
    }
}

/// A talk as filters see it: as the results of a search, with its people as senders and recipients.
private struct ListedTalk: Filterable {
    let talk: TalkRow

    var filterTime: Timestamp { talk.first }

    func values(of field: FilterField) -> [String] {
        switch field {
        case .account, .from, .to: talk.accounts
        case .conn: talk.connections.map { "\($0)" }
        case .time: [talk.first.rfc3339]
        case .text:
            talk.accounts + talk.names.values + [talk.start] + (talk.lastMessage.map { [$0.text] } ?? [])
        default: []
        }
    }

    func values(at path: [String]) -> [String] {
        switch path.last {
        case "id": talk.ids.map(\.description)
        case "ns": ["\(talk.first.nanoseconds)"]
        case "participants": talk.accounts
        default: []
        }
    }
}

extension JSONObject {
    fileprivate init(_ talk: TalkRow) {
        self.init()
        add("event", "talk")
        add("id", talk.ids.first?.description)
        add("ids", talk.ids.map(\.description))
        add("recording", "r\(talk.recording)")
        add("time_first", talk.first.rfc3339)
        add("time_last", talk.last.rfc3339)
        add("participants", talk.accounts)
        add(
            "names",
            talk.accounts.map { account in
                var object = JSONObject()
                object.add("account", account)
                object.add("name", talk.names[account])
                return object
            })
        add("messages", talk.messages)
        add("transfers", talk.transfers)
        add("pictures", talk.pictures)
        add("last_time", talk.lastMessage?.time.rfc3339)
        add("last_from", talk.lastMessage?.from)
        add("last_text", talk.lastMessage?.text)
        add("start", talk.start)
    }
}
