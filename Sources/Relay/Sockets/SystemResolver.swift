// Resolves host names with `getaddrinfo`. It blocks, so it must not run on an event loop.

internal import Doors
internal import Glibc
internal import MSNP
internal import NIOCore

/// The system's resolver.
enum SystemResolver {
    /// All stream addresses of a host, IPv4 and IPv6, without duplicates, in the system's order of preference.
    ///
    /// - Throws: `RelayError` if the name does not resolve.
    static func addresses(of target: HostPort) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(target.host, String(target.port), &hints, &list)
        defer { list.map { freeaddrinfo($0) } }
        guard status == 0 else {
            let why = status == EAI_NONAME ? "no such name" : String(cString: gai_strerror(status))
            throw RelayError("\(target.host) does not resolve: \(why)", outcome: .hostUnreachable)
        }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next {
            if let address = address(of: entry.pointee), !addresses.contains(address) { addresses.append(address) }
            next = entry.pointee.ai_next
        }
        return addresses
    }

    private static func address(of entry: addrinfo) -> SocketAddress? {
        guard let pointer = entry.ai_addr else { return nil }
        switch entry.ai_family {
        case AF_INET:
            // ai_family says that ai_addr points to a sockaddr_in; it is copied before freeaddrinfo.
            let copy = UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in.self)
            return SocketAddress(copy)
        case AF_INET6:
            let copy = UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in6.self)
            return SocketAddress(copy)
        default: return nil
        }
    }
}
