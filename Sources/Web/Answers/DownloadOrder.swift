// What a download contains.

import Archive

/// A file that was asked for.
struct DownloadOrder: Sendable, Hashable {
    enum Format: String, Sendable, CaseIterable {
        case jsonl, pcapng, text, html, xml, file
    }

    /// What it is of; everything for nil.
    var id: ArchiveID?
    var format: Format
    var isRedacted = false
    /// The connections that are left out.
    var leftOut: Set<Int64> = []
}
