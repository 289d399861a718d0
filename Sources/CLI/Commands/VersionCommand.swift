// The subcommand `version`: prints what `--version` prints.

import ArgumentParser

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Show the version.",
        discussion: """
            Examples:
              butterflynet version
            """)

    func run() { print(Butterflynet.configuration.version) }
}
