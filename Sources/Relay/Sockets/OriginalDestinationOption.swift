// Asks the kernel for the destination that a client's connection had before a firewall rule redirected it.

internal import Glibc
internal import NIOCore

/// The socket options of transparent mode (linux/netfilter_ipv4.h, linux/netfilter_ipv6/ip6_tables.h, linux/in.h, in6.h).
enum TransparentSocket {
    /// `SO_ORIGINAL_DST` and `IP6T_SO_ORIGINAL_DST`, which have the same number on two levels.
    private static let originalDestination: SocketOptionName = 80
    private static let levelIPv4: SocketOptionLevel = 0
    private static let levelIPv6: SocketOptionLevel = 41
    private static let transparentIPv4: SocketOptionName = 19
    private static let transparentIPv6: SocketOptionName = 75

    /// The destination before NAT.
    ///
    /// The level follows the text of the local address, not the socket's family: an IPv4 client of a listener at `::` has
    /// a local address `::ffff:192.0.2.1`, and its destination is known to the level of IPv4 only.
    ///
    /// - Returns: nil if the connection was not translated, or if the kernel does not track it.
    static func originalDestination(of channel: any Channel) -> EventLoopFuture<SocketAddress?> {
        guard let options = channel as? any SocketOptionProvider, let local = channel.localAddress?.ipAddress else {
            return channel.eventLoop.makeSucceededFuture(nil)
        }
        // Safe: the kernel writes at most the size of the value, which is zero before; its family says what it wrote.
        let asked: EventLoopFuture<sockaddr_storage> = options.unsafeGetSocketOption(
            level: local.contains(".") ? levelIPv4 : levelIPv6, name: originalDestination)
        return asked.map { address($0) }.recover { _ in nil }
    }

    private static func address(_ storage: sockaddr_storage) -> SocketAddress? {
        withUnsafePointer(to: storage) { pointer in
            switch Int32(storage.ss_family) {
            case AF_INET:
                return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
            case AF_INET6:
                return pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
            default: return nil
            }
        }
    }

    /// Lets a listener accept connections to foreign addresses, which TPROXY delivers to it. Needs `CAP_NET_ADMIN`.
    ///
    /// - Returns: false if it is not permitted.
    static func acceptForeignAddresses(_ listener: any Channel, isIPv6: Bool) -> EventLoopFuture<Bool> {
        guard let options = listener as? any SocketOptionProvider else {
            return listener.eventLoop.makeSucceededFuture(false)
        }
        let set = options.unsafeSetSocketOption(
            level: isIPv6 ? levelIPv6 : levelIPv4, name: isIPv6 ? transparentIPv6 : transparentIPv4, value: CInt(1))
        return set.map { true }.recover { _ in false }
    }
}
