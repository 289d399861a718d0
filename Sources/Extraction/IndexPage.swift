// Writes the HTML page that lists the extracted transfers.

internal import Events
internal import MSNP
internal import Output
internal import Payloads

/// Writes `index.html`: one file without scripts or external resources.
enum IndexPage {
    private static let head: StaticString = """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'">
        <meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">
        <title>What was transferred</title>
        <style>
        body { font: 14px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; color-scheme: light dark }
        article { border-top: 1px solid #8888; padding: 1em 0; display: flex; gap: 1em; flex-wrap: wrap }
        figure { margin: 0; width: 8em } img { max-width: 8em; max-height: 8em; image-rendering: auto }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1em; margin: 0; flex: 1; min-width: 20em }
        dt { opacity: .7 } dd { margin: 0; overflow-wrap: anywhere } .bad { color: #c33 } code { font-size: 12px }
        h2 { font-size: 15px; margin: 0; width: 100%; overflow-wrap: anywhere }
        </style></head><body>
        <h1>What was transferred</h1>

        """

    /// The number of bytes that wait before `put` is called.
    private static let mostWaiting = 64 << 10

    /// Writes the page.
    ///
    /// - Parameter put: writes a piece of the page and empties it.
    static func write(_ extracts: [Extract], leftOut: Int, _ put: (inout [UInt8]) throws -> Void) throws {
        var page: [UInt8] = []
        page.append(plain: head)
        page.append(plain: "<p>")
        page.append(html: "\(extracts.summary).")
        if leftOut > 0 { page.append(html: " \(leftOut) more were left out: extract fewer connections at once.") }
        page.append(plain: "</p>\n")
        for extract in extracts {
            append(extract, &page)
            if page.count >= mostWaiting { try put(&page) }
        }
        page.append(plain: "</body></html>\n")
        try put(&page)
    }

    private static func append(_ extract: Extract, _ page: inout [UInt8]) {
        let transfer = extract.transfer
        page.append(plain: "<article><h2>")
        page.append(shownHTML: extract.file ?? transfer.name ?? transfer.kind)
        page.append(plain: "</h2>\n")
        if let file = extract.file, extract.isComplete, extract.type.isPicture {
            page.append(plain: "<figure><img loading=\"lazy\" src=\"")
            page.append(html: SafeName.inAddress(file))
            page.append(plain: "\" alt=\"\"></figure>\n")
        }
        page.append(plain: "<dl>")
        row("status", extract.status, &page, isBad: !extract.isComplete && !extract.isRefused)
        row("what", "\(transfer.kind), \(extract.sizes)", &page)
        if let name = transfer.name, name != extract.file { row("called", name, &page) }
        row("who", extract.people, &page)
        let (first, last) = (Timestamp(nanoseconds: extract.firstTime), Timestamp(nanoseconds: transfer.lastTime))
        row("when", "\(first.rfc3339) to \(last.rfc3339)", &page)
        row("from", extract.origins.map(\.text).joined(separator: ", "), &page)
        if let declared = transfer.declaredSize, declared != transfer.size {
            row("declared", "\(declared) bytes", &page)
        }
        if !extract.isComplete, !extract.isRefused { row("missing", missing(transfer), &page, isBad: true) }
        if let sha1 = extract.sha1 { row("SHA-1", Hexadecimal.text(sha1), &page) }
        if let sha256 = extract.sha256 { row("SHA-256", Hexadecimal.text(sha256), &page) }
        if let verdict = extract.dataDigest {
            row("SHA1D", verdict.rawValue, &page, isBad: verdict == .differs)
        }
        if let verdict = extract.ownDigest {
            row("SHA1C", verdict.rawValue, &page, isBad: verdict == .differs)
        }
        if !transfer.findings.isEmpty {
            row("findings", transfer.findings.map(\.rawValue).joined(separator: " "), &page, isBad: true)
        }
        page.append(plain: "</dl></article>\n")
    }

    private static func missing(_ transfer: Transfer) -> String {
        let shown = transfer.missing.prefix(20).map { "\($0.upperBound - $0.lowerBound) bytes at \($0.lowerBound)" }
        let rest = transfer.missing.count - shown.count
        return shown.isEmpty ? "unknown" : shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    private static func row(_ name: StaticString, _ value: String, _ page: inout [UInt8], isBad: Bool = false) {
        page.append(plain: "<dt>")
        page.append(plain: name)
        page.append(plain: isBad ? "</dt><dd class=\"bad\">" : "</dt><dd>")
        page.append(shownHTML: value)
        page.append(plain: "</dd>\n")
    }
}
