// What a download contains.

import Archive
import MSNP

/// A file that was asked for.
struct DownloadOrder: Sendable, Hashable {
    enum Format: String, Sendable, CaseIterable {
        case jsonl, pcapng, text, html, xml, file
    }

    /// What it is of; everything for nil.
    var id: ArchiveID?
    var format: Format
    var isRedacted = false
    /// The SHA-256 of the file, for the format `file`.
    var digest: [UInt8] = []
    /// The connections that are left out.
    var leftOut: Set<Int> = []

    /// The name under which browsers save it: made of identifiers only.
    var fileName: String {
        if format == .file { return "butterflynet-\(Hexadecimal.text(digest.prefix(8))).bin" }
        let ending = format == .text ? "txt" : format.rawValue
        return "butterflynet-\(id?.description ?? "all")\(isRedacted ? "-redacted" : "").\(ending)"
    }
}
