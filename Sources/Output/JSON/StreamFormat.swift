// Formats one JSON line per connection, for the `streams` command.

package import Events
internal import MSNP

/// Formats the `closed` event of each connection, with the totals of both directions; omits all other events.
package struct StreamFormat: EventFormat, Sendable {
    private var times = TimeWriter()

    package init() {}

    /// Appends a line if the event is the end of a connection.
    package mutating func append(_ event: Event, to bytes: inout [UInt8]) {
        guard case .closed = event.kind else { return }
        bytes.write { append(event, &$0) }
    }

    private mutating func append(_ event: Event, _ bytes: inout ByteWriter) {
        guard case .closed(let ends, let reason, let client, let server) = event.kind else { return }
        bytes.append(plain: "{\"event\":\"stream\",\"conn\":")
        bytes.append(number: event.connection)
        bytes.append(plain: ",\"client\":")
        bytes.append(json: ends.client)
        bytes.append(plain: ",\"server\":")
        bytes.append(json: ends.server)
        if let file = ends.file {
            bytes.append(plain: ",\"file\":")
            bytes.append(json: file)
        }
        bytes.append(plain: ",\"role\":\"")
        bytes.append(event.role.rawValue)
        bytes.append(plain: "\",\"dialect\":")
        if let dialect = event.dialect {
            bytes.append(json: dialect.description)
        } else {
            bytes.append(plain: "null")
        }
        if let signIn = event.signIn {
            bytes.append(plain: ",\"sign_in\":")
            bytes.append(number: signIn.number)
            if let account = signIn.account {
                bytes.append(plain: ",\"account\":")
                bytes.append(json: account)
            }
        }
        bytes.append(plain: ",\"time_first\":\"")
        times.appendDateAndTime(ends.firstTime ?? event.time, to: &bytes)
        bytes.append(plain: "\",\"time_last\":\"")
        times.appendDateAndTime(ends.lastTime ?? event.time, to: &bytes)
        bytes.append(plain: "\",\"reason\":")
        bytes.append(json: reason.text)
        bytes.append(plain: ",\"c2s\":")
        JSONFormat.append(client, &bytes)
        bytes.append(plain: ",\"s2c\":")
        JSONFormat.append(server, &bytes)
        bytes.append(plain: "}\n")
    }
}
