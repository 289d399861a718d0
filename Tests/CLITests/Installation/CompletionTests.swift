// Completion in real shells: options, their values, and names of files.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct CompletionTests {
    /// A command line with the cursor at its end, and some of its completions; a name that must not be among them.
    static let lines: [(line: String, some: [String], none: String)] = [
        ("butterflynet dec", ["decode"], "relay"), ("butterflynet decode tr", ["transfers.pcap"], "bin"),
        ("butterflynet decode two.pcap tr", ["transfers.pcap"], "bin"),
        ("butterflynet import sub/", ["sub/one.pcap"], "bin.sqlite"),
        ("butterflynet show --archive bi", ["bin.sqlite"], "transfers.pcap"),
        ("butterflynet show -a bi", ["bin.sqlite"], "transfers.pcap"),
        ("butterflynet extract --into su", ["sub"], "bin.sqlite"),
        ("butterflynet extract --into s", ["sub"], "some.txt"),
        ("butterflynet export --format ", ["jsonl", "pcapng"], "bin.sqlite"),
        ("butterflynet decode --detail ", ["0", "3"], "bin.sqlite"),
        ("butterflynet relay --up", ["--upstream"], "--quiet"),
    ]

    /// Runs a shell script in a folder with some files. Its variables are LINE and `completion`, the installed file.
    private func completions(_ shell: String, _ script: String, of line: String) async throws -> [String] {
        let scratch = try Scratch()
        for name in ["transfers.pcap", "two.pcap", "bin.sqlite", "some.txt"] { try scratch.write("", to: name) }
        try FileManager.default.createDirectory(at: scratch.url("sub"), withIntermediateDirectories: true)
        try scratch.write("", to: "sub/one.pcap")
        let environment = ["LINE": line, "SCRIPT": script, "HOME": scratch.folder.path]
        // The name that zsh expects.
        let file = "mkdir \"$HOME/.zsh\"; export completion=\"$HOME/.zsh/_butterflynet\""
        let run = "\(file); \"$0\" --generate-completion-script \(shell) >\"$completion\"; \(shell) -c \"$SCRIPT\""
        let outcome = try await Program([], environment: environment, shell: run, folder: scratch.folder).outcome()
        #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(line): \(outcome.errors)")
        // A shell may add a slash to folders, and fish a description behind a tab.
        return outcome.lines.map { line in
            let name = line.prefix { $0 != "\t" }
            return String(name.hasSuffix("/") ? name.dropLast() : name)
        }
    }

    private func check(_ shell: String, _ script: String, _ line: String, _ some: [String], _ none: String) async throws
    {
        guard try await Program.shell("command -v \(shell)").code == 0 else {
            return print("SKIPPED: completion in \(shell): there is no \(shell)")
        }
        let found = try await completions(shell, script, of: line)
        #expect(Set(found).isSuperset(of: some) && !found.contains(none), "\(line): \(found)")
    }

    @Test(arguments: lines)
    func bash(_ line: String, _ some: [String], _ none: String) async throws {
        let script = """
            source "$completion"
            read -ra COMP_WORDS <<<"$LINE"
            [[ $LINE == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$LINE COMP_POINT=${#LINE}
            _butterflynet butterflynet "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        try await check("bash", script, line, some, none)
    }

    @Test(arguments: lines)
    func fish(_ line: String, _ some: [String], _ none: String) async throws {
        try await check("fish", "source $completion; complete -C \"$LINE\"", line, some, none)
    }

    /// zsh completes only in a terminal: a second zsh runs in one, with a key that completes, writes down the line and exits.
    @Test(arguments: lines.filter { $0.some.count == 1 })
    func zsh(_ line: String, _ some: [String], _ none: String) async throws {
        let script = """
            zmodload zsh/zpty
            export result=$HOME/.result
            print -r -- '
                fpath=(${completion:h} $fpath); autoload -Uz compinit; compinit -u -D
                finish() { zle complete-word; print -r -- "$BUFFER" >"$result"; exit }
                zle -N finish; bindkey "^T" finish' >$HOME/.setup
            zpty shell zsh -f -i
            zpty -w shell "source $HOME/.setup"
            zpty -n -w shell "$LINE"$'\\x14'
            while zpty -r shell line; do :; done
            words=(${(z)"$(<$result)"})
            print -r -- $words[-1]
            """
        try await check("zsh", script, line, some, none)
    }
}
