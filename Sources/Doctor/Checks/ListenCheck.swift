// Decides whether the relay can listen. Pure.

internal import MSNP

/// What an attempt to listen showed.
enum ListenFact: Sendable, Hashable {
    /// The address is free; it was bound for a moment.
    case free
    /// Another program has it; its process if that could be seen.
    case taken(by: PortHolder?)
    /// The port is for root.
    case denied
    /// No interface has this address.
    case elsewhere
    case failed(String)
}

/// The program that listens at a port.
struct PortHolder: Sendable, Hashable {
    var process: Int
    var name: String
}

extension Check {
    static func listen(_ address: HostPort, _ fact: ListenFact, command: String) -> Check {
        switch fact {
        case .free: return Check(.listen, .ok, "\(address) is free.")
        case .taken(let holder?) where holder.name == command || holder.name == "butterflynet":
            return Check(.listen, .note, "A relay (process \(holder.process)) listens at \(address) already.")
        case .taken(let holder):
            let who = holder.map { "\($0.name) (process \($0.process))" } ?? "another program"
            return Check(
                .listen, .failed, "\(who) listens at \(address) already.",
                holder.map { ["kill \($0.process)", "--listen \(HostPort(address.host, 0))"] }
                    ?? ["ss -ltnp 'sport = :\(address.port)'", "--listen \(HostPort(address.host, 0))"])
        case .denied:
            return Check(
                .listen, .failed, "Port \(address.port) is for root.",
                ["sudo setcap cap_net_bind_service=+ep $(command -v \(command))"])
        case .elsewhere:
            return Check(
                .listen, .failed, "No network interface has the address \(address.host).",
                ["--listen \(HostPort("0.0.0.0", address.port))"])
        case .failed(let why): return Check(.listen, .failed, "Cannot listen at \(address): \(why).")
        }
    }
}
