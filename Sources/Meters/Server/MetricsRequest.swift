// Decides how a request to the metrics' server is answered: who it was sent to, and what it asks for. Pure.

/// The names under which the server may be asked. Under DNS rebinding, a page in a browser sends another one.
struct MetricsHosts: Sendable, Hashable {
    private let names: Set<String>

    /// - Parameters:
    ///   - port: the port that the server listens at.
    ///   - names: further names and addresses of this machine.
    init(port: UInt16, names: [String]) {
        let all = ["127.0.0.1", "localhost", "[::1]"] + names.map { $0.contains(":") ? "[\($0)]" : $0.lowercased() }
        self.names = Set(all.map { "\($0):\(port)" } + (port == 80 ? all : []))
    }

    func contains(_ host: String) -> Bool { names.contains(host.lowercased()) }
}

/// What a request is answered with.
enum MetricsAnswer: Sendable, Hashable {
    case metrics
    case healthy
    case ready
    /// An HTTP status, and one line of text.
    case refusal(Int, String)

    /// - Parameters:
    ///   - target: the path, with a query if there is one.
    ///   - hosts: the values of `Host`.
    ///   - hasBody: whether a body is announced.
    init(method: String, target: String, hosts: [String], hasBody: Bool, at names: MetricsHosts) {
        guard hosts.count == 1, let host = hosts.first, names.contains(host) else {
            self = .refusal(421, "This address is not one that the program listens at.")
            return
        }
        guard method == "GET" else {
            self = .refusal(405, "Only GET.")
            return
        }
        guard !hasBody else {
            self = .refusal(400, "A request has no body here.")
            return
        }
        switch target.prefix(while: { $0 != "?" }) {
        case "/metrics": self = .metrics
        case "/healthz": self = .healthy
        case "/readyz": self = .ready
        default: self = .refusal(404, "There are /metrics, /healthz and /readyz.")
        }
    }
}
