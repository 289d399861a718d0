// Asks the system's resolver; blocks, so event loops do not call it.

internal import Glibc
internal import MSNP
internal import NIOCore

/// The system's name service.
enum Lookup {
    /// Every stream address of a host, IPv4 and IPv6, in the system's order of preference.
    static func addresses(of target: HostPort) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(target.host, String(target.port), &hints, &list)
        defer { list.map { freeaddrinfo($0) } }
        guard status == 0 else {
            let why = status == EAI_NONAME ? "no such name" : String(cString: gai_strerror(status))
            throw RelayError("\(target.host) does not resolve: \(why)")
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
            // The resolver says that a sockaddr_in stands there; it is copied out at once.
            let copy = UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in.self)
            return SocketAddress(copy)
        case AF_INET6:
            let copy = UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in6.self)
            return SocketAddress(copy)
        default: return nil
        }
    }
}
