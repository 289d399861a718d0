// What a download contains.

import Archive

/// A file that was asked for.
struct DownloadOrder: Sendable, Hashable {
    enum Format: String, Sendable, CaseIterable {
        case jsonl, pcapng, text, html, xml
    }

    /// What it is of; everything for nil.
    var id: ArchiveID?
    var format: Format
    var isRedacted = false
    /// The connections that are left out.
    var leftOut: Set<Int> = []

    /// The name under which browsers save it: made of identifiers only.
    var fileName: String {
        let ending = format == .text ? "txt" : format.rawValue
        return "butterflynet-\(id?.description ?? "all")\(isRedacted ? "-redacted" : "").\(ending)"
    }
}
