// Transferred files and pictures: their list, and the bytes of those pictures that can be shown.

import Archive
import Events
import MSNP
import Output
import Payloads

extension DataService {
    /// What was transferred, in the order of its rows; with a time, from the first one of that time on.
    func media(_ parameters: Parameters, _ control: ReadControl) async throws -> JSONObject {
        let scope = try Self.scope(of: parameters)
        let kind = try parameters.text("kind")
        let limit = try parameters.number("limit", in: 1...PageLimits.mostRows, standard: PageLimits.standardRows)
        var after: Int64 = 0
        if let text = try parameters.text("after") {
            guard var reader = CursorReader(text, kind: .media), let row = reader.next(), reader.isAtEnd else {
                throw RequestError.parameter("after", "This is not a place that the program has named.")
            }
            after = row
        }
        try parameters.requireOneOf(["after", "at"])
        let time = try Self.time(parameters)
        return try await reading(time == nil ? .quick : .scan) { [after] in
            try self.require(scope, control)
            let place = try time.map { time in
                try RowPlace.before(time) { row, limit in
                    try self.reader.media(scope, kind: kind, after: row, limit: limit, control)
                        .map { (id: $0.id, time: $0.time) }
                }
            }
            let rows = try self.reader.media(scope, kind: kind, after: place ?? after, limit: limit, control)
            var next: String?
            if rows.count == limit, let last = rows.last {
                var writer = CursorWriter(kind: .media)
                writer.add(last.id)
                next = writer.text
            }
            var object = JSONObject()
            object.add("items", rows.map { JSONObject($0) })
            object.add("next", next)
            object.add("previous", String?.none)
            return object
        }
    }

    /// The bytes of a picture. Its type is what its first bytes say, out of a short list.
    func picture(_ digest: [UInt8], _ control: ReadControl) async throws -> Answer {
        try await reading {
            // An archive of somebody else can have anything in its rows.
            guard let bytes = try self.reader.picture(sha256: digest, control)?.bytes,
                let type = Self.type(ofPicture: bytes)
            else { throw RequestError(.notFound) }
            return Answer(
                type: type.mediaType, body: .bytes(bytes),
                fields: [
                    ("Content-Disposition", "inline; filename=\"\(Hexadecimal.text(digest)).\(type.rawValue)\"")
                ])
        }
    }

    /// The type of a picture by its first bytes; nil for what is none, and for one that is too large to be shown.
    static func type(ofPicture bytes: [UInt8]) -> FileType? {
        let type = FileType(bytes)
        guard bytes.count <= mostPictureBytes, let size = PictureSize(bytes, of: type), size.isShown else {
            return nil
        }
        return type
    }

    private static let mostPictureBytes = 2 << 20
}

extension JSONObject {
    /// A transfer as `extract` lists it, without places in files.
    init(_ row: MediaRow) {
        self.init()
        add("event", "transfer")
        add("at", row.address?.description)
        add("conn", row.connection)
        add("time", row.time.rfc3339)
        add("ns", row.time.nanoseconds)
        add("kind", row.kind)
        add("method", row.method)
        add("name", row.name)
        add("from", row.sender)
        add("to", row.recipient)
        add("media_type", row.type)
        add("size", row.size)
        add("declared_size", row.declaredSize)
        add("received_bytes", row.received)
        add("complete", row.isComplete)
        add("reason", row.isComplete ? nil : row.reason)
        add("refusal", row.refusal)
        add("sha256", row.sha256.map { Hexadecimal.text($0) })
        add("sha1d", row.sha1d)
        add("media", row.isPicture ? row.sha256.map { Hexadecimal.text($0) } : nil)
    }
}
