// The startup message of a relay: its addresses, and how to configure clients.

import MSNP
import Relay

enum StartupGuide {
    /// Whether redirects will contain the name localhost, because the relay has no IPv4 address.
    private static func advertisesLocalhost(_ relay: RelayServer) -> Bool { relay.advertised?.host == "localhost" }

    /// The lines of the message for a started relay.
    static func relay(_ relay: RelayServer, _ options: RelayOptions) -> [String] {
        let address = relay.listenAddress
        var lines = ["butterflynet listens at \(address) and connects clients to \(options.upstream)."]
        let host: String
        if let advertised = relay.advertised {
            lines.append("Redirects will send clients to \(advertised).")
            host = advertised.host == "localhost" ? "127.0.0.1" : advertised.host
        } else if address.host.contains(":") && address.host != "::" {
            lines.append(
                "Clients that come over IPv6 cannot be kept in the path: give --advertise with an IPv4 address.")
            host = "ADDRESS-OF-THIS-MACHINE"
        } else {
            lines.append("Redirects will send each client to the address at which it reached this machine.")
            host = "ADDRESS-OF-THIS-MACHINE"
        }
        if advertisesLocalhost(relay) {
            lines.append(
                "Warning: this door is IPv6 only. Many old clients take only IPv4: listen at 127.0.0.1, or give --advertise."
            )
        }
        let port = options.advertisedPort ?? address.port
        lines += [
            "Point a client here:",
            "  MSN Messenger 1–4, Windows Messenger: registry, HKCU\\Software\\Microsoft\\MessengerService,",
            "      string Server = \(host):\(port)",
            "  MSN Messenger 5–7, Windows Live Messenger: hosts file,",
            "      \(host) messenger.hotmail.com"
                + (port == 1863 ? "" : "   (these dial port 1863 only: --listen …:1863)"),
            "  Pidgin, aMSN, Miranda and others: account settings, server \(host), port \(port), no HTTP method",
            "Stop with Ctrl-C.",
        ]
        return lines
    }
}
