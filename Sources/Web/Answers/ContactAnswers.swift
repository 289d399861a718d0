// The contact list as of one moment.

import Analysis
import Archive
import ContactLists
import Events
import MSNP
import Output

extension DataService {
    /// Who is on the list of a sign-in, with which state, at a time or at an event.
    func contacts(_ parameters: Parameters, _ control: ReadControl) async throws -> JSONObject {
        guard let text = try parameters.text("at") else {
            throw RequestError.parameter("at", "This parameter is an event such as c14.12, or a time.")
        }
        let place = try Self.place(at: text)
        var signIn: ArchiveID?
        if let name = try parameters.text("of") {
            guard case .signIn(let number)? = ArchiveID(name) else {
                throw RequestError.parameter("of", "This parameter is a sign-in such as s6.")
            }
            signIn = .signIn(number)
        }
        return try await reading(.scan) { [signIn] in try self.contacts(place, of: signIn, control) }
    }

    private func contacts(_ place: EventPlace, of signIn: ArchiveID?, _ control: ReadControl) throws -> JSONObject {
        var moment = Timestamp(nanoseconds: 0)
        var (address, number): (EventAddress?, Int64?) = (nil, nil)
        switch place {
        case .around(let event):
            let window = try reader.events(.of(.connection(event.connection)), place, limit: 1, .row, control)
            guard let item = window.items.first, let place = item.recorded, item.events.indices.contains(place) else {
                throw RequestError(.notFound)
            }
            moment = Timestamp(nanoseconds: item.cursor.time)
            address = item.address
            number = item.events[place].signIn.map { Int64($0.number) }
        case .aroundTime(let time): moment = time
        case .newest, .after, .before: break
        }
        guard let id = signIn ?? number.map(ArchiveID.signIn) else {
            throw RequestError.parameter("of", "The event belongs to no sign-in; this parameter names one.")
        }
        let list = try reader.lists(control) { archive in
            guard try archive.contains(id) else { throw RequestError(.notFound) }
            var state = ContactListReader()
            var places: [Int: Int64] = [:]
            try archive.replay(ArchiveSelection([id]), .none) { event in
                guard event.time <= moment else { return false }
                if let address, Int64(event.connection) == address.connection {
                    // Events at the time of this one that come behind it.
                    places[event.connection, default: 0] += 1
                    guard places[event.connection, default: 0] <= address.number else { return true }
                }
                state.take(event)
                return true
            }
            return state.list
        }
        var object = JSONObject()
        object.add("id", id.description)
        object.add("at", address?.description)
        object.add("time", moment.rfc3339)
        object.add(list)
        return object
    }
}
