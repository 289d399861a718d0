// Plain blocking sockets on 127.0.0.1, for tests that need what NIO does not show.

import Glibc

/// Sockets as descriptors; whoever gets one closes it.
package enum Loopback {
    /// A system call that failed.
    package struct Failure: Error {
        var number = errno
    }

    package static func connect(to port: UInt16) throws -> Int32 {
        try socket { withAddress(port, of: $0, Glibc.connect) }
    }

    /// Listens at a free port.
    package static func listen() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = try socket {
            let code = withAddress(0, of: $0, Glibc.bind)
            return code == 0 ? Glibc.listen($0, 64) : code
        }
        return (descriptor, port(of: descriptor))
    }

    /// The port of this end.
    package static func port(of descriptor: Int32) -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func socket(_ prepare: (Int32) -> Int32) throws -> Int32 {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure() }
        guard prepare(descriptor) == 0 else {
            defer { close(descriptor) }
            throw Failure()
        }
        return descriptor
    }

    private static func withAddress(
        _ port: UInt16, of descriptor: Int32, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
