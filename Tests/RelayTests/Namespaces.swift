// Three machines for a test: network namespaces of this process, each on an event loop of its own.

import Foundation
import Glibc
import NIOCore
import NIOPosix
import TestSupport
import Testing

/// A client's machine, a router and a server's machine. Their sockets are real, and so are the firewall rules.
///
///     client 10.1.0.2, fd01::2 ── lan0 10.1.0.1, fd01::1 │ router │ wan0 10.2.0.1, fd02::1 ── 10.2.0.2, fd02::2 server
struct Namespaces {
    let client: Machine
    let router: Machine
    let server: Machine

    /// One namespace: that of the only thread of its event loop. It ends with the thread.
    struct Machine {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        /// The thread, as `ip` and `nsenter` name it.
        let thread: pid_t

        /// - Parameters:
        ///   - user: the user to whom this thread's sockets belong.
        ///   - other: another thread on the same machine; nil for a machine of its own.
        /// - Returns: nil if this process may make no namespace.
        init?(user: uid_t = 0, on other: Machine? = nil) async throws {
            let made = try await group.next().submit { () -> pid_t? in
                if let other {
                    let descriptor = open(other.path, O_RDONLY)
                    defer { close(descriptor) }
                    guard Linux.setns(descriptor, Linux.network) == 0 else { return nil }
                } else if Linux.unshare(Linux.network) != 0 {
                    return nil
                }
                // The calls of the C library change the user of all threads, this one changes that of its own.
                if user > 0 { _ = Linux.setfsuid(user) }
                return Linux.gettid()
            }.get()
            guard let made else {
                try await group.shutdownGracefully()
                return nil
            }
            thread = made
        }

        private var path: String { "/proc/\(getpid())/task/\(thread)/ns/net" }

        /// Runs commands as root of the machine.
        func run(_ commands: [String]) throws {
            let script = "set -e\n" + commands.joined(separator: "\n")
            let (text, code) = try runProgram(["/usr/bin/nsenter", "--net=\(path)", "sh", "-c", script])
            try #require(code == 0, "\(script)\n\(text)")
        }
    }

    /// The three machines, connected.
    ///
    /// - Parameter relayUser: the user to whom the router's sockets belong.
    /// - Returns: nil, with a warning, where the machine does not allow it or a program is missing.
    static func make(relayUser: uid_t = 0) async throws -> Namespaces? {
        for program in ["/usr/sbin/nft", "/sbin/ip", "/usr/bin/nsenter"]
        where !FileManager.default.isExecutableFile(atPath: program) {
            print("SKIPPED: tests of transparent mode: \(program) is missing (tools/other-programs-setup)")
            return nil
        }
        guard let client = try await Machine(), let router = try await Machine(user: relayUser),
            let server = try await Machine()
        else {
            print("SKIPPED: tests of transparent mode: no permission to make network namespaces (run as root)")
            return nil
        }
        try router.run([
            "ip link set lo up",
            "ip link add name lan0 type veth peer name eth0 netns \(client.thread)",
            "ip link add name wan0 type veth peer name eth0 netns \(server.thread)",
            "ip addr add 10.1.0.1/24 dev lan0", "ip addr add 10.2.0.1/24 dev wan0",
            "ip addr add fd01::1/64 dev lan0 nodad", "ip addr add fd02::1/64 dev wan0 nodad",
            "ip link set lan0 up", "ip link set wan0 up",
            "echo 1 >/proc/sys/net/ipv4/ip_forward", "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding",
        ])
        for (machine, number) in [(client, 1), (server, 2)] {
            try machine.run([
                "ip link set lo up", "ip addr add 10.\(number).0.2/24 dev eth0",
                "ip addr add fd0\(number)::2/64 dev eth0 nodad", "ip link set eth0 up",
                "ip route add default via 10.\(number).0.1", "ip -6 route add default via fd0\(number)::1",
            ])
        }
        return Namespaces(client: client, router: router, server: server)
    }

    func end() async throws {
        for machine in [client, router, server] { try await machine.group.shutdownGracefully() }
    }
}

/// Functions of Linux that Swift's module of the C library leaves out.
private enum Linux {
    /// `CLONE_NEWNET`.
    static let network: Int32 = 0x4000_0000

    static func unshare(_ flags: Int32) -> Int32 {
        find("unshare", as: (@convention(c) (Int32) -> Int32).self)?(flags) ?? -1
    }

    static func setns(_ descriptor: Int32, _ kind: Int32) -> Int32 {
        find("setns", as: (@convention(c) (Int32, Int32) -> Int32).self)?(descriptor, kind) ?? -1
    }

    static func setfsuid(_ user: uid_t) -> Int32 {
        find("setfsuid", as: (@convention(c) (uid_t) -> Int32).self)?(user) ?? -1
    }

    static func gettid() -> pid_t? { find("gettid", as: (@convention(c) () -> pid_t).self)?() }

    private static func find<Function>(_ name: String, as type: Function.Type) -> Function? {
        dlsym(nil, name).map { unsafeBitCast($0, to: type) }
    }
}
