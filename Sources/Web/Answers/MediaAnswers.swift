// Transferred files and pictures: their list, and the bytes of those pictures that can be shown.

import Archive
import Events
import MSNP
import Output
import Payloads

extension DataService {
    /// What was transferred, in the order of its rows.
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
        return try await reading { [after] in
            try self.require(scope, control)
            let rows = try self.reader.media(scope, kind: kind, after: after, limit: limit, control)
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
            guard let picture = try self.reader.picture(sha256: digest, control),
                let ending = Self.endings[picture.type], Self.canBeShown(picture.bytes)
            else { throw RequestError(.notFound) }
            return Answer(
                type: picture.type, body: .bytes(picture.bytes),
                fields: [("Content-Disposition", "inline; filename=\"\(Hexadecimal.text(digest)).\(ending)\"")])
        }
    }

    private static let endings = ["image/png": "png", "image/gif": "gif", "image/jpeg": "jpg", "image/bmp": "bmp"]
    private static let mostPictureBytes = 2 << 20
    /// The largest width and height in pixels: a browser needs 64 MiB for such a picture.
    private static let mostPixels = 4_096

    /// Whether a picture is small enough to be shown. Others can be saved.
    static func canBeShown(_ bytes: [UInt8]) -> Bool {
        guard bytes.count <= mostPictureBytes, let size = PictureSize(bytes) else { return false }
        return max(size.width, size.height) <= mostPixels
    }
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
