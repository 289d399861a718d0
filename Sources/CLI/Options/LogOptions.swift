// Options of the commands that print events: format, filter, detail, secrets, colours.

internal import ArgumentParser
package import Console
internal import Events
import MSNP
internal import Output
internal import Query

enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
}

extension LiveLog.Style: ExpressibleByArgument {}

struct LogOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Format of the events on standard output.")
    var format: LiveLog.Style = .text

    @Option(
        name: [.customShort("w"), .customLong("where")],
        help: ArgumentHelp(
            "Only print events that match, such as 'role == SB and verb == MSG' or 'text contains \"hi\"'.",
            valueName: "expr"))
    var filter: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "0: one line each; 1: payloads too; 2: arguments by name, errors explained; 3: complete payloads.",
            valueName: "0-3"),
        completion: .list(["0", "1", "2", "3"]))
    var detail = 1

    @Flag(help: "Add every frame's bytes as base64 (jsonl).")
    var bytes = false

    @Flag(help: "Print passwords, tickets and cookies; by default each is masked, the same one by the same mask.")
    var showSecrets = false

    @Option(
        help: ArgumentHelp(
            "Colours; auto: on a terminal, unless NO_COLOR is set. Cyan and green: client and server of a notification "
                + "server; magenta and yellow: of a switchboard; blue: dispatch server; red: errors and damage; bright: "
                + "words of messages.",
            valueName: "when"))
    var color: ColorChoice = .auto

    @Flag(name: .shortAndLong, help: "Only print results and errors.")
    var quiet = false

    @OptionGroup var time: LocalTimeOptions

    mutating func validate() throws {
        guard (0...3).contains(detail) else { throw ValidationError("--detail is 0, 1, 2 or 3, not \(detail).") }
    }

    /// The presentation of events, with a mask key of this run.
    var presentation: Presentation { presentation(.ofThisRun) }

    /// The presentation of events, with the mask key of an archive or capture.
    func presentation(_ key: MaskKey) -> Presentation {
        var presentation = Presentation()
        presentation.maskKey = key
        presentation.detail = detail
        presentation.includesBytes = bytes
        presentation.showsSecrets = showSecrets
        presentation.repeatsMessages = filter != nil
        presentation.zone = time.zone
        presentation.colors = Terminal.wantsColors(color)
        return presentation
    }

    /// Makes the condition of `--where` again, for each of several threads.
    ///
    /// - Throws: as `condition`.
    func conditionMaker(_ presentation: Presentation) throws -> @Sendable () -> EventFilter? {
        _ = try condition(presentation)
        let times = time.times
        return { [filter] in try? filter.map { try EventFilter($0, presentation, times: times) } }
    }

    /// The condition of `--where`; nil without the option.
    ///
    /// - Throws: `CommandError` if the expression is invalid. A command calls this before it does anything else.
    func condition(_ presentation: Presentation = Presentation()) throws -> EventFilter? {
        try FilterError.reported { try filter.map { try EventFilter($0, presentation, times: time.times) } }
    }
}
