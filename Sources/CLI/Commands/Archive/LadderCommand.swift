// The subcommand `ladder`: draws who sent what to whom in a sign-in, over all its connections.

internal import Analysis
import Archive
import ArgumentParser
import Console
internal import Events
import Glibc
internal import Ladders
internal import Output

extension FoldGroup: ExpressibleByArgument {}

struct LadderCommand: ParsableCommand {
    enum Style: String, ExpressibleByArgument, CaseIterable {
        case text, svg, mermaid, jsonl
    }

    static let configuration = CommandConfiguration(
        commandName: "ladder",
        abstract: "Draw a sign-in, connection or conversation as a ladder: parties as columns, time downwards.",
        usage: "butterflynet ladder [<options>] <id> ...",
        discussion: """
            Each connection's server has a column. A redirect shows which connection it led to, and what the relay sent \
            instead. Presence, contact lists, pings, typing and peer-to-peer data are folded; --unfold shows them one by \
            one. Several identifiers are drawn together, such as the sign-ins of two people who talked.

            Examples:
              butterflynet ladder s1
              butterflynet ladder s1 s2 --output talk.svg
              butterflynet ladder c5 --unfold typing --unfold data
              butterflynet ladder s1 --format mermaid
            """)

    @Argument(
        help: ArgumentHelp(
            "Connection c12, conversation v12, sign-in s3 or recording r1; several are drawn together.",
            valueName: "id"))
    var ids: [String]

    @OptionGroup var archive: ArchiveOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "text, svg, mermaid or jsonl (default: by the ending of --output, else text).", valueName: "format"),
        completion: .list(Style.allCases.map(\.rawValue)))
    var format: Style?

    @Option(
        help: ArgumentHelp(
            "Commands to show one by one: presence, lists, pings, typing or data; repeatable.", valueName: "group"))
    var unfold: [FoldGroup] = []

    @Flag(help: "Print passwords, tickets and cookies; by default each is masked, the same one by the same mask.")
    var showSecrets = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var time: LocalTimeOptions

    @Flag(name: .shortAndLong, help: "Only print results and errors.")
    var quiet = false

    private static let formats = FormatChoice(
        endings: ["svg": .svg, "mmd": .mermaid, "mermaid": .mermaid, "txt": .text, "jsonl": .jsonl],
        standard: Style.text)

    func validate() throws { _ = try Identifiers.parse(ids) }

    func run() throws {
        if let warning = Self.formats.warning(format, output: output.output) { Terminal.printMessage(warning) }
        let source = try archive.open()
        let ladder = try archive.convertingErrors { try self.ladder(source) }
        if let omission = ladder.omission, !quiet { Terminal.printMessage(omission) }
        let style = Self.formats.format(format, output: output.output)
        try output.fill { descriptor in
            var printer = Printer(descriptor: descriptor)
            switch style {
            case .text: LadderText(zone: time.zone).append(ladder, to: &printer.bytes)
            case .svg: LadderSVG(zone: time.zone).append(ladder, to: &printer.bytes)
            case .mermaid: LadderMermaid(zone: time.zone).append(ladder, to: &printer.bytes)
            case .jsonl: Self.append(ladder, to: &printer.bytes)
            }
            try printer.finish()
        }
    }

    private func ladder(_ source: Archive) throws -> Ladder {
        var presentation = Presentation()
        presentation.maskKey = source.maskKey
        presentation.showsSecrets = showSecrets
        var options = LadderOptions()
        options.unfolded = Set(unfold)
        let ids = try Identifiers.parse(ids)
        options.hasRelay = try source.isOfRelay(ids)
        var builder = LadderBuilder(presentation, options)
        var places = EventPlaces()
        try source.replay(ArchiveSelection(ids), EventDetail(.all)) { event in
            builder.take(event, at: places.next(event))
            return true
        }
        return builder.finish()
    }

    private static func append(_ ladder: Ladder, to bytes: inout [UInt8]) {
        var heading = JSONObject()
        heading.add("event", "ladder")
        heading.add("parties", ladder.parties.enumerated().map { JSONObject($0.element, id: $0.offset) })
        heading.add("omitted_rows", ladder.omittedRows)
        bytes += heading.bytes
        bytes.append(0x0A)
        for row in ladder.rows {
            bytes += JSONObject(row).bytes
            bytes.append(0x0A)
        }
    }
}
