// Files to save: exports and transcripts, prepared in a file without a name and then sent.

import Archive
import ArchiveOutput
import Events
import HummingbirdCore
import MSNP
import NIOCore
import NIOPosix
import Redaction

/// Prepares downloads, one after the other.
final class Downloads: Sendable {
    private let options: WebOptions
    /// One thread beside those of the lists: an export of a large archive takes long.
    private let pool: ReadPool

    /// How many downloads are prepared or wait.
    private static let most = 4
    /// The size of the pieces in which a file is sent.
    private static let piece = 65_536

    init(_ options: WebOptions) {
        self.options = options
        pool = ReadPool(threads: 1, most: Self.most, niceness: 10)
    }

    func stop() async { await pool.stop() }

    /// Checks and completes an order that was posted.
    static func order(_ body: BodyObject) throws -> DownloadOrder {
        let name = try body.text("format") ?? ""
        guard let format = DownloadOrder.Format(rawValue: name) else {
            throw RequestError.parameter(
                "format",
                "This is to be one of \(DownloadOrder.Format.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        var order = DownloadOrder(id: try id(body.text("of")), format: format)
        order.isRedacted = try body.flag("redacted")
        if order.isRedacted, ![.jsonl, .pcapng].contains(format) {
            throw RequestError.parameter("redacted", "Only jsonl and pcapng can be redacted.")
        }
        order.leftOut = try connections(body.texts("leave_out"))
        if format == .file {
            guard let digest = DataRoute.digest(try body.text("sha256") ?? "") else {
                throw RequestError.parameter("sha256", "This is to be the SHA-256 of the file, in hexadecimal digits.")
            }
            order.digest = digest
        }
        return order
    }

    /// An identifier; nil for everything.
    static func id(_ text: String?) throws -> ArchiveID? {
        guard let text, !text.isEmpty else { return nil }
        guard let id = ArchiveID(text) else {
            throw RequestError.parameter("of", "This is an identifier such as s6, c14, v17 or r1.")
        }
        return id
    }

    /// The connections that are left out.
    static func connections(_ texts: [String]) throws -> Set<Int> {
        var numbers: Set<Int> = []
        for text in texts {
            guard case .connection(let number)? = ArchiveID(text), let row = Int(exactly: number) else {
                throw RequestError.parameter("leave_out", "These are connections such as c11.")
            }
            numbers.insert(row)
        }
        return numbers
    }

    /// Makes the file and the answer with it.
    func answer(_ order: DownloadOrder, _ presence: ClientPresence) async throws -> Answer {
        let control = ReadControl()
        presence.onLeave { control.cancel() }
        let file = try TemporaryFile()
        try await pool.run { try self.write(order, to: file, control) }
        let count = file.count
        var answer = Answer(type: "application/octet-stream")
        answer.fields = [
            ("Content-Disposition", "attachment; filename=\"\(order.fileName)\""), ("Content-Length", "\(count)"),
        ]
        let pool = pool
        answer.body = .stream { writer in
            var offset = 0
            while offset < count {
                let (start, length) = (offset, min(Self.piece, count - offset))
                let bytes = try await pool.run { file.read(at: start, count: length) }
                guard !bytes.isEmpty else { break }
                offset += bytes.count
                try await writer.write(ByteBuffer(bytes: bytes))
            }
            try await writer.finish(nil)
        }
        return answer
    }

    private func write(_ order: DownloadOrder, to file: TemporaryFile, _ control: ReadControl) throws {
        do {
            try options.reader.lists(control) { archive in
                if let id = order.id, try !archive.contains(id) { throw RequestError(.notFound) }
                let selection = ArchiveSelection(order.id.map { [$0] } ?? [])
                switch order.format {
                case .jsonl: try self.export(order, selection, .jsonl, archive, file)
                case .pcapng: try self.export(order, selection, .pcapng, archive, file)
                case .text: try self.transcript(selection, .text, archive, file)
                case .html: try self.transcript(selection, .html, archive, file)
                case .xml: try self.transcript(selection, .xml, archive, file)
                case .file:
                    guard try FileDownload.write(order.digest, of: selection, in: archive, to: file) else {
                        throw RequestError(.notFound)
                    }
                }
            }
        } catch let error as ArchiveExport.WriteError {
            options.report("a download could not be prepared: \(error.reason)")
            throw RequestError(.internalError, text: "The file could not be prepared: the program has printed why.")
        } catch let error as SharedCopy.Refused {
            let places = Set(error.report.refusals.map { "c\($0.connection)" }).sorted()
            throw RequestError(
                .exportRefused,
                text:
                    "\(places.joined(separator: ", ")) has data that cannot be parsed, so private values in it cannot be "
                    + "replaced. Leave it out.")
        } catch let error as ArchiveError {
            options.report(error.description)
            throw RequestError(.archiveUnreadable)
        }
    }

    private func export(
        _ order: DownloadOrder, _ selection: ArchiveSelection, _ format: ArchiveExport.Format, _ archive: Archive,
        _ file: TemporaryFile
    ) throws {
        var export = ArchiveExport(selection, format, program: "butterflynet \(options.version)")
        export.showsSecrets = options.showsSecrets
        export.leftOut = order.leftOut
        if order.isRedacted {
            let key = (UInt64.random(in: 0...(.max)), UInt64.random(in: 0...(.max)))
            try export.write(try export.redacted(archive, key: key), of: archive, to: file.descriptor)
        } else {
            try export.write(archive, to: file.descriptor)
        }
    }

    private func transcript(
        _ selection: ArchiveSelection, _ format: TranscriptExport.Format, _ archive: Archive, _ file: TemporaryFile
    ) throws {
        try TranscriptExport(archive, selection, format).write(zone: .utc, typing: false, to: file.descriptor)
    }
}
