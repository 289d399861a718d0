// Draws a ladder as an SVG picture without scripts, links or anything from outside.

package import Events
internal import MSNP
internal import Output

/// Draws ladders as SVG.
package struct LadderSVG: Sendable {
    private let zone: TimeZoneRules

    private static let rowHeight = 22
    private static let headHeight = 44
    private static let timeWidth = 108
    private static let lane = 170
    private static let notesWidth = 300
    /// The width of a character of the font in pixels, rounded up.
    private static let characterWidth = 7

    /// - Parameter zone: the zone of the times.
    package init(zone: TimeZoneRules = .utc) { self.zone = zone }

    /// Appends the whole picture.
    package func append(_ ladder: Ladder, to bytes: inout [UInt8]) {
        let width = Self.timeWidth + Self.lane * ladder.parties.count + Self.notesWidth
        let height = Self.headHeight + Self.rowHeight * (ladder.rows.count + 1)
        bytes +=
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="11">
            <style>
            svg{background:#fff;color:#1d2126}line,path{stroke:currentColor}text{fill:currentColor}
            .life{stroke:#b9c0c8}.quiet{color:#69727d}.ds{color:#3367b8}.ns{color:#00717a}.sb{color:#a2389a}
            .other{color:#7a5c00}.bad{color:#b3261e}.folded{stroke-dasharray:2 3}
            @media(prefers-color-scheme:dark){svg{background:#14171a;color:#e4e8ec}.life{stroke:#454d56}.quiet{color:#9aa4af}
            .ds{color:#8ab4f8}.ns{color:#4fd1d9}.sb{color:#e59be0}.other{color:#e0c067}.bad{color:#ff8a80}}
            </style>

            """.utf8
        appendLives(ladder, &bytes)
        for (index, row) in ladder.rows.enumerated() {
            append(row, of: ladder, at: Self.headHeight + Self.rowHeight * index + Self.rowHeight / 2, &bytes)
        }
        if let omission = ladder.omission { text(omission, 8, height - 8, "quiet", &bytes) }
        bytes += "</svg>\n".utf8
    }

    private func appendLives(_ ladder: Ladder, _ bytes: inout [UInt8]) {
        for (index, party) in ladder.parties.enumerated() {
            let x = Self.center(index)
            let alive = ladder.rows.indices.filter { ladder.isAlive(index, at: ladder.rows[$0]) }
            if let first = alive.first, let last = alive.last {
                let top = Self.headHeight + Self.rowHeight * first
                let bottom = Self.headHeight + Self.rowHeight * (last + 1)
                bytes += "<line class=\"life\" x1=\"\(x)\" y1=\"\(top)\" x2=\"\(x)\" y2=\"\(bottom)\"/>\n".utf8
            }
            text(Self.cut(party.label, Self.lane - 12), x, 18, Self.style(of: party), anchor: "middle", &bytes)
            if party.kind == .server {
                text(Self.cut(party.name, Self.lane - 12), x, 34, "quiet", anchor: "middle", &bytes)
            }
        }
    }

    private func append(_ row: Ladder.Row, of ladder: Ladder, at y: Int, _ bytes: inout [UInt8]) {
        let (from, to) = (Self.center(row.from), Self.center(row.to))
        let isSilence = if case .silence = row.kind { true } else { false }
        if !isSilence { text(row.time.millisecondClock(in: zone), 8, y + 4, "quiet", &bytes) }
        let party = ladder.parties[max(row.from, row.to)]
        var style = Self.style(of: party)
        if case .gap = row.kind { style = "bad" }
        if from == to {
            text(Self.cut(row.caption(), Self.lane * 2), from + 8, y + 4, isSilence ? "quiet" : style, &bytes)
        } else {
            let isFolded =
                switch row.kind {
                case .folded, .gap, .bytes: true
                default: false
                }
            let step = from < to ? -1 : 1
            let style = isFolded ? "\(style) folded" : style
            bytes += "<g class=\"\(style)\"><line x1=\"\(from)\" y1=\"\(y + 5)\" x2=\"\(to)\" y2=\"\(y + 5)\"/>".utf8
            bytes +=
                "<path fill=\"none\" d=\"M\(to + 6 * step) \(y + 1)L\(to) \(y + 5)L\(to + 6 * step) \(y + 9)\"/></g>\n"
                .utf8
            text(Self.cut(row.caption(), abs(to - from) - 16), min(from, to) + 8, y + 1, style, &bytes)
        }
        let notes = row.notes.joined(separator: "  ")
        if !notes.isEmpty {
            let x = Self.timeWidth + Self.lane * ladder.parties.count
            text(Self.cut(notes, Self.notesWidth - 8), x, y + 4, row.findings.isEmpty ? "quiet" : "bad", &bytes)
        }
    }

    private func text(
        _ text: String, _ x: Int, _ y: Int, _ style: String, anchor: String = "start", _ bytes: inout [UInt8]
    ) {
        bytes +=
            "<text class=\"\(style)\" x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\" unicode-bidi=\"isolate\">".utf8
        bytes.append(shownHTML: text)
        bytes += "</text>\n".utf8
    }

    private static func cut(_ text: String, _ pixels: Int) -> String {
        DisplayWidth.cut(text, to: max(1, pixels / characterWidth))
    }

    private static func center(_ party: Int) -> Int { timeWidth + party * lane + lane / 2 }

    private static func style(of party: Ladder.Party) -> String {
        switch party.role {
        case .dispatch: "ds"
        case .notification: "ns"
        case .switchboard: "sb"
        case nil: "quiet"
        default: "other"
        }
    }
}
