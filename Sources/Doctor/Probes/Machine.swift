// The addresses, rules and limits of this machine.

internal import Glibc
internal import NIOCore
internal import NIOPosix

enum Machine {
    /// The interfaces with addresses, loopback included.
    static func interfaces() -> [(name: String, address: SocketAddress)] {
        ((try? System.enumerateDevices()) ?? []).compactMap { device in device.address.map { (device.name, $0) } }
    }

    /// Whether the loopback interface is up. What connects this machine to its own addresses goes through it, whichever
    /// interface has them. A new network namespace begins without it.
    static func hasLoopback() -> Bool {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return true }
        defer { freeifaddrs(first) }
        var next = first
        while let device = next?.pointee {
            let flags = Int(device.ifa_flags)
            if flags & Int(IFF_LOOPBACK) != 0, flags & Int(IFF_UP) != 0 { return true }
            next = device.ifa_next
        }
        return false
    }

    /// What is known of packet filters.
    static func packetFilters() -> TransparentFact {
        var fact = TransparentFact()
        fact.rules = SmallFile.output(of: "PATH=$PATH:/usr/sbin:/sbin nft list ruleset 2>/dev/null")
        fact.tracksConnections = SmallFile.read("/proc/sys/net/netfilter/nf_conntrack_max") != nil
        if let own = SmallFile.link("/proc/self/ns/net"), let first = SmallFile.link("/proc/1/ns/net") {
            fact.isInNamespace = own != first
        }
        fact.hasIPv6 = SmallFile.read("/proc/sys/net/ipv6/conf/all/disable_ipv6")?.first == "0"
        return fact
    }

    static func limits() -> LimitsFact {
        var limit = rlimit()
        _ = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let somaxconn = SmallFile.read("/proc/sys/net/core/somaxconn").flatMap { text in
            Int(text.prefix(while: \.isNumber))
        }
        return LimitsFact(
            softFiles: Int(clamping: limit.rlim_cur), hardFiles: Int(clamping: limit.rlim_max), somaxconn: somaxconn)
    }

    static func archive(_ path: String) -> ArchiveFact {
        var fact = ArchiveFact()
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        var status = stat()
        fact.exists = stat(path, &status) == 0
        fact.isWritable = access(fact.exists ? path : folder, W_OK) == 0
        var disk = statvfs()
        if statvfs(folder, &disk) == 0 { fact.freeBytes = UInt64(disk.f_bavail) &* UInt64(disk.f_frsize) }
        return fact
    }

    static func seconds() -> Int { time(nil) }
}
