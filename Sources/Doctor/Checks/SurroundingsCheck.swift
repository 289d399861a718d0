// Decides what this machine's own hosts file and proxy settings mean for the relay. Pure.

internal import MSNP

/// A name in the hosts file.
struct HostsEntry: Sendable, Hashable {
    var address: String
    var name: String

    /// The entries of a hosts file.
    static func read(_ text: String) -> [HostsEntry] {
        text.split(whereSeparator: \.isNewline).flatMap { line -> [HostsEntry] in
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
            guard let address = words.first else { return [] }
            return words.dropFirst().map { HostsEntry(address: String(address), name: $0.lowercased()) }
        }
    }

    /// Names that clients of the old service look up.
    static let oldNames: Set<String> = [
        "messenger.hotmail.com", "gateway.messenger.hotmail.com", "muser.messenger.hotmail.com",
        "nexus.passport.com", "loginnet.passport.com", "login.passport.com", "login.live.com",
        "config.messenger.msn.com", "contacts.msn.com", "rsi.hotmail.com", "ows.messenger.msn.com",
    ]
}

extension Check {
    /// - Parameter isUpstream: whether a name is the upstream's.
    static func hostsFile(_ entries: [HostsEntry], path: String, upstream: String?) -> Check {
        let found = entries.filter { HostsEntry.oldNames.contains($0.name) || $0.name == upstream }
        guard !found.isEmpty else { return Check(.hostsFile, .ok, "\(path) has none of the old service's names.") }
        let list = found.prefix(8).map { "\($0.address) \($0.name)" }.joined(separator: ", ")
        let own = found.filter { $0.name == upstream }
        return Check(
            .hostsFile, .note,
            own.isEmpty
                ? "\(path) leads clients on this machine elsewhere: \(list)."
                : "\(path) also decides where the relay itself connects to: \(list).",
            own.map { "remove “\($0.address) \($0.name)” from \(path) if that is not the real server" })
    }

    static func proxies(_ variables: [(name: String, value: String)]) -> Check {
        guard !variables.isEmpty else { return Check(.proxies, .ok, "No proxy is set in the environment.") }
        // A proxy's address may contain a password.
        let names = variables.map(\.name).joined(separator: ", ")
        return Check(
            .proxies, .note, "\(names) is set; the relay does not use it, but clients on this machine may.",
            ["unset \(variables.map(\.name).joined(separator: " "))"])
    }
}
