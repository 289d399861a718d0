// Advice on mistyped command lines that the argument parser cannot give.

internal import Query

enum UsageAdvice {
    /// The error message for a first argument that is not a subcommand; nil if it is one, or if there is none.
    ///
    /// - Parameter names: the subcommands.
    static func onCommand(_ arguments: [String], names: [String]) -> String? {
        guard let first = arguments.first, first != "help", !names.contains(first) else { return nil }
        let command = ProgramInfo.command
        if first.hasPrefix("-") {
            return arguments.first(where: names.contains).map {
                "\(first) belongs after the command: \(command) \($0) \(first) …"
            }
        }
        if let meant = Suggestion.likely(for: first, among: names + ["help"]) {
            return "there is no command \(first); did you mean “\(meant)”?"
        }
        return "there is no command \(first); there are \(names.joined(separator: ", ")); see \(command) --help"
    }

    /// The error message for an option that another program would have; nil otherwise. The parser would suggest the name
    /// that is spelled most like it.
    static func onOption(_ arguments: [String]) -> String? {
        guard ["relay", "demo"].contains(arguments.first),
            let option = arguments.first(where: { $0 == "--port" || $0.hasPrefix("--port=") })
        else { return nil }
        return "Unknown option '\(option.prefix { $0 != "=" })'. Clients connect to the port of --listen HOST:PORT."
    }
}
