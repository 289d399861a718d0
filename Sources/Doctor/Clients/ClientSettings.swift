// What to type in each client so that it reaches the relay: the one table for the start-up text, `doctor` and the docs. Pure.

package import Doors
package import MSNP

/// A way by which a client is made to reach the relay. The raw values are names that scripts read.
package enum ClientWay: String, Sendable, Hashable, CaseIterable {
    case server
    case socks
    case httpProxy = "http_proxy"
    case gateway

    /// The way in people's words.
    package var title: String {
        switch self {
        case .server: "server setting"
        case .socks: "SOCKS"
        case .httpProxy: "HTTP proxy"
        case .gateway: "HTTP gateway"
        }
    }

    /// The doors by which it comes in; one of them must be open.
    package var doors: Set<Door> {
        switch self {
        case .server: [.msnp]
        case .socks: [.socks]
        case .httpProxy: [.connect, .gateway]
        case .gateway: [.gateway]
        }
    }
}

/// What to type in a client for one of the ways.
package struct ClientSetting: Sendable, Hashable {
    /// The text, with `{host}` and `{port}` for the relay's address, and what is to be typed in backquotes.
    private let template: String
    /// The port at which the relay must listen for it; nil for any.
    package let port: UInt16?
    /// Whether it was read in a manual or source of the client. No official client was tried with the proxies.
    package let isChecked: Bool

    init(_ template: String, port: UInt16? = nil, isChecked: Bool = true) {
        self.template = template
        self.port = port
        self.isChecked = isChecked
    }

    /// The setting in Markdown, for the relay at an address.
    func markdown(_ relay: HostPort) -> String {
        template.replacing("{host}", with: relay.host).replacing("{port}", with: "\(relay.port)")
            + (isChecked ? "" : " °")
    }

    /// The setting without any markup.
    package func text(_ relay: HostPort) -> String {
        var text = markdown(relay).replacing("`", with: "").replacing("*", with: "")
        if let port, port != relay.port {
            text += " (needs the relay at port \(port): add --listen \(HostPort(relay.host, port)))"
        }
        return text
    }
}

/// The settings of one kind of client.
package struct ClientSettings: Sendable, Hashable {
    /// The client, as people call it.
    package let client: String
    private let settings: [ClientWay: ClientSetting]

    private init(
        _ client: String, server: ClientSetting, socks: ClientSetting, httpProxy: ClientSetting, gateway: ClientSetting
    ) {
        self.client = client
        settings = [.server: server, .socks: socks, .httpProxy: httpProxy, .gateway: gateway]
    }

    /// What to type for a way.
    package subscript(way: ClientWay) -> ClientSetting? { settings[way] }

    /// All clients, the oldest first.
    package static let all = [
        ClientSettings(
            "MSN Messenger 1–4, Windows Messenger",
            server: ClientSetting(
                #"registry, `HKCU\Software\Microsoft\MessengerService`, string `Server` = `{host}:{port}`"#),
            socks: ClientSetting(
                "Tools → Options → Connection: *I use a proxy server*, type SOCKS 4 or SOCKS 5, server `{host}`, port "
                    + "`{port}`"),
            httpProxy: ClientSetting(
                "Tools → Options → Connection: *I use a proxy server*, type HTTP, server `{host}`, port `{port}`; MSNP "
                    + "then goes as gateway requests"),
            gateway: ClientSetting("by itself when port 1863 of its server is closed")),
        ClientSettings(
            "MSN Messenger 5–7.5",
            server: ClientSetting(
                "hosts file, `{host} messenger.hotmail.com`; a patched client: its ini file, `[options]`, "
                    + #"`server = {host}`; 5 to 6.2: delete `HKCU\Software\Microsoft\MSNMessenger`, `Server`"#,
                port: HostPort.standardPort),
            socks: ClientSetting(
                "Tools → Options → Connection: SOCKS, server `{host}`, port `{port}`", isChecked: false),
            httpProxy: ClientSetting(
                "Tools → Options → Connection: HTTP, server `{host}`, port `{port}`", isChecked: false),
            gateway: ClientSetting("by itself; hosts file, `{host} gateway.messenger.hotmail.com`", port: 80)),
        ClientSettings(
            "Windows Live Messenger 8–2012",
            server: ClientSetting(
                "hosts file, `{host} messenger.hotmail.com`; a patched client: its ini file (2009: both), `[options]`, "
                    + "`server = {host}`", port: HostPort.standardPort),
            socks: ClientSetting(
                "Options → Connection → Advanced: SOCKS, server `{host}`, port `{port}`", isChecked: false),
            httpProxy: ClientSetting(
                "Windows' Internet settings: proxy server `{host}`, port `{port}`", isChecked: false),
            gateway: ClientSetting("by itself; hosts file, `{host} gateway.messenger.hotmail.com`", port: 80)),
        ClientSettings(
            "aMSN",
            server: ClientSetting("account's server `{host}`, port `{port}`"),
            socks: ClientSetting("Preferences → Connection: SOCKS5, `{host}:{port}`"),
            httpProxy: ClientSetting(
                "Preferences → Connection: *SSL* for `CONNECT`, *POST* for the gateway, `{host}:{port}`"),
            gateway: ClientSetting("Preferences → Connection: *POST*, `{host}:{port}`")),
        ClientSettings(
            "Pidgin",
            server: ClientSetting("account → Advanced: server `{host}`, port `{port}`"),
            socks: ClientSetting("account → Proxy: SOCKS 4 or SOCKS 5, host `{host}`, port `{port}`"),
            httpProxy: ClientSetting("account → Proxy: HTTP, host `{host}`, port `{port}`"),
            gateway: ClientSetting("account → Advanced: *Use HTTP method*, server `{host}`", port: 80)),
        ClientSettings(
            "Miranda",
            server: ClientSetting("account: server `{host}:{port}`"),
            socks: ClientSetting("Options → Network: SOCKS4 or SOCKS5, `{host}:{port}`", isChecked: false),
            httpProxy: ClientSetting("Options → Network: HTTP or HTTPS, `{host}:{port}`", isChecked: false),
            gateway: ClientSetting("account: *Use HTTP Gateway*", port: 80, isChecked: false)),
        ClientSettings(
            "BitlBee, msn-pecan",
            server: ClientSetting("account settings: server `{host}`, port `{port}`"),
            socks: ClientSetting("BitlBee: `Proxy = socks5://{host}:{port}`; msn-pecan as Pidgin", isChecked: false),
            httpProxy: ClientSetting("BitlBee: `Proxy = http://{host}:{port}`; msn-pecan as Pidgin", isChecked: false),
            gateway: ClientSetting("msn-pecan as Pidgin", port: 80, isChecked: false)),
        ClientSettings(
            "`curl` and others, to try it",
            server: ClientSetting("`nc {host} {port}`"),
            socks: ClientSetting(
                "`curl --socks5-hostname {host}:{port} telnet://messenger.hotmail.com:1863`"),
            httpProxy: ClientSetting("`curl -p -x {host}:{port} telnet://messenger.hotmail.com:1863`"),
            gateway: ClientSetting(
                "`curl -x {host}:{port} --data '' "
                    + "'http://gateway.messenger.hotmail.com/gateway/gateway.dll?Action=open&Server=NS'`")),
    ]

    /// The client without any markup.
    package var name: String { client.replacing("`", with: "") }

    /// The table of all clients and ways in Markdown, for the relay at an address.
    package static func table(_ relay: HostPort) -> [String] {
        let head = "| client | " + ClientWay.allCases.map(\.title).joined(separator: " | ") + " |"
        let rule = "|" + String(repeating: "---|", count: ClientWay.allCases.count + 1)
        let rows = all.map { client in
            let cells = ClientWay.allCases.map { client[$0]?.markdown(relay) ?? "" }
            return "| \(client.client) | \(cells.joined(separator: " | ")) |"
        }
        return [head, rule] + rows
    }
}
