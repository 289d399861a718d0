// Writes the HTML page that shows the extracted files: a gallery with links.

internal import Events
internal import MSNP
internal import Output
internal import Payloads

/// Writes `index.html`: one file without scripts or external resources.
///
/// Pictures are shown from the files beside the page. On pages opened from a disk `'self'` has no agreed meaning: there a
/// browser may need the scheme `file:`. Both are allowed; the page names only files of its own folder. Files of other
/// types are linked, never embedded.
enum IndexPage {
    /// The beginning of every page of this program: it may be replaced by a newer one.
    static let mark = Array("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\(generator)\n".utf8)
    private static let generator = "<meta name=\"generator\" content=\"butterflynet extract\">"

    private static let head: StaticString = """
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
        <meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">
        <title>What was transferred</title>
        <style>
        :root { color-scheme: light dark; --page: #ffffff; --ink: #1a1a1a; --dim: #595959; --link: #0b57d0; --bad: #b00020;
          --card: #f4f6fa; }
        @media (prefers-color-scheme: dark) { :root { --page: #16181d; --ink: #e6e6e6; --dim: #a8adb8; --link: #8ab4f8;
          --bad: #ff8a95; --card: #262a33; } }
        body { font: 14px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 80em; padding: 0 1em;
          background: var(--page); color: var(--ink); }
        main { display: grid; grid-template-columns: repeat(auto-fill, minmax(15em, 1fr)); gap: 1em; align-items: start; }
        article { background: var(--card); border-radius: .5em; padding: .8em; overflow-wrap: anywhere; }
        h1 { font-size: 1.4em; } h2 { font-size: 1em; margin: 0 0 .3em; } p { margin: .1em 0; }
        a { color: var(--link); } .dim, summary { color: var(--dim); } .bad { color: var(--bad); }
        figure { margin: 0 0 .6em; text-align: center; } img { max-width: 100%; height: 8em; object-fit: contain; }
        dl { margin: .3em 0 0; font-size: .85em; } dt { color: var(--dim); } dd { margin: 0 0 .3em 1em; }
        </style></head><body>
        <h1>What was transferred</h1>

        """

    /// The number of bytes that wait before `put` is called.
    private static let mostWaiting = 64 << 10

    /// Writes the page.
    ///
    /// - Parameters:
    ///   - zone: the zone of times.
    ///   - put: writes a piece of the page and empties it.
    static func write(
        _ extracts: [Extract], leftOut: Int, in zone: TimeZoneRules, _ put: (inout [UInt8]) throws -> Void
    ) throws {
        var page = mark
        page.append(plain: head)
        page.append(plain: "<p>")
        page.append(html: "\(extracts.summary). Times are \(zone.isLocal ? "local" : "UTC").")
        if leftOut > 0 { page.append(html: " \(leftOut) more were left out: extract fewer connections at once.") }
        page.append(plain: "</p>\n<main>\n")
        for extract in extracts {
            append(extract, zone, &page)
            if page.count >= mostWaiting { try put(&page) }
        }
        page.append(plain: "</main></body></html>\n")
        try put(&page)
    }

    private static func append(_ extract: Extract, _ zone: TimeZoneRules, _ page: inout [UInt8]) {
        let transfer = extract.transfer
        page.append(plain: "<article>")
        if let file = extract.file, extract.isComplete, extract.type.isPicture {
            page.append(plain: "<figure>")
            beginLink(file, &page)
            page.append(plain: "<img loading=\"lazy\" width=\"160\" height=\"112\" src=\"")
            page.append(html: SafeName.inAddress(file))
            page.append(plain: "\" alt=\"")
            page.append(shownHTML: file)
            page.append(plain: "\"></a></figure>\n")
        }
        page.append(plain: "<h2>")
        if let file = extract.file { beginLink(file, &page) }
        page.append(shownHTML: extract.file ?? transfer.name ?? transfer.kind)
        page.append(plain: extract.file == nil ? "</h2>\n" : "</a></h2>\n")
        if !extract.isComplete { line(extract.status, extract.isRefused ? .dim : .bad, &page) }
        line("\(transfer.kind.replacing("_", with: " ")), \(extract.readableSizes)", .plain, &page)
        line(extract.people, .plain, &page)
        let (first, last) = (Timestamp(nanoseconds: extract.firstTime), Timestamp(nanoseconds: transfer.lastTime))
        line(inWords(first, zone), .dim, &page)
        page.append(plain: "<details><summary>details</summary><dl>")
        if let name = transfer.name, name != extract.file { row("called", name, &page) }
        row("size", extract.sizes, &page)
        if let declared = transfer.declaredSize, declared != transfer.size {
            row("declared", "\(declared) bytes", &page)
        }
        if !extract.isComplete, !extract.isRefused { row("missing", missing(transfer), &page, isBad: true) }
        row("time", "\(first.text(in: zone)) to \(last.text(in: zone))", &page)
        row("captured on", extract.origins.map(\.text).joined(separator: ", "), &page)
        appendDigests(extract, &page)
        if !transfer.findings.isEmpty {
            row("findings", transfer.findings.map(\.rawValue).joined(separator: " "), &page, isBad: true)
        }
        page.append(plain: "</dl></details></article>\n")
    }

    private static func appendDigests(_ extract: Extract, _ page: inout [UInt8]) {
        if let sha1 = extract.sha1 { row("SHA-1", Hexadecimal.text(sha1), &page) }
        if let sha256 = extract.sha256 { row("SHA-256", Hexadecimal.text(sha256), &page) }
        if let verdict = extract.dataDigest {
            row("announced digest of the data (SHA1D)", verdict.rawValue, &page, isBad: verdict == .differs)
        }
        if let verdict = extract.ownDigest {
            row("digest of the description (SHA1C)", verdict.rawValue, &page, isBad: verdict == .differs)
        }
    }

    /// Begins a link to a file beside the page. What a browser might run is to be saved, not opened.
    private static func beginLink(_ file: String, _ page: inout [UInt8]) {
        page.append(plain: "<a rel=\"noreferrer\" href=\"")
        page.append(html: SafeName.inAddress(file))
        page.append(plain: SafeName.isPassive(file) ? "\">" : "\" download=\"\">")
    }

    /// `2005-05-06 15:28`.
    private static func inWords(_ time: Timestamp, _ zone: TimeZoneRules) -> String {
        let clock = time.clock(in: zone).prefix(5) + time.offsetText(in: zone)
        return time.hasDate ? "\(time.date(in: zone)) \(clock)" : "no date, \(clock)"
    }

    private static func missing(_ transfer: Transfer) -> String {
        let shown = transfer.missing.prefix(20).map { "\($0.upperBound - $0.lowerBound) bytes at \($0.lowerBound)" }
        let rest = transfer.missing.count - shown.count
        return shown.isEmpty ? "unknown" : shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    /// How a line looks.
    private enum Look { case plain, dim, bad }

    private static func line(_ text: String, _ look: Look, _ page: inout [UInt8]) {
        switch look {
        case .plain: page.append(plain: "<p>")
        case .dim: page.append(plain: "<p class=\"dim\">")
        case .bad: page.append(plain: "<p class=\"bad\">")
        }
        page.append(shownHTML: text)
        page.append(plain: "</p>\n")
    }

    private static func row(_ name: StaticString, _ value: String, _ page: inout [UInt8], isBad: Bool = false) {
        page.append(plain: "<dt>")
        page.append(plain: name)
        page.append(plain: isBad ? "</dt><dd class=\"bad\">" : "</dt><dd>")
        page.append(shownHTML: value)
        page.append(plain: "</dd>\n")
    }
}
