// Placeholders for host addresses: different addresses get different valid addresses.

internal import MSNP

extension Placeholders {
    /// The placeholder of `host:port`, `[v6]:port` or a host; the port stays.
    func hostPort(_ original: ByteSlice) -> [UInt8] {
        if original.first == 0x5B, let end = original.firstIndex(of: 0x5D) {
            let behind = original[(end + 1)...]
            let tail = behind.first == 0x3A ? [0x3A] + port(behind.dropFirst()) : letters(behind)
            return [0x5B] + host(original[(original.startIndex + 1)..<end]) + [0x5D] + tail
        }
        let colons = original.count { $0 == 0x3A }
        guard colons == 1, let colon = original.firstIndex(of: 0x3A) else { return host(original) }
        return host(original[..<colon]) + [0x3A] + port(original[(colon + 1)...])
    }

    private func port(_ original: ByteSlice) -> [UInt8] {
        HarmlessValues.port.holds(original) ? Array(original) : token(original)
    }

    /// The placeholder of an IP address or a host name.
    func host(_ original: ByteSlice) -> [UInt8] {
        if original.contains(0x3A) { return ipv6(original) }
        if HostPort(String(decoding: original, as: UTF8.self), 1).ipv4 != nil { return ipv4(original) }
        // In names the dots stay, because a valid name must not become an invalid one.
        var generator = generator(0x4E, original.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 })
        return original.map { byte in
            let letter = UInt8(truncatingIfNeeded: 0x61 + generator.next(below: 26))
            return byte == 0x2E ? byte : letter
        }
    }

    /// Permutes each number among those with as many digits, dependent on the numbers before it: different addresses
    /// stay different, and addresses of one network stay together.
    private func ipv4(_ original: ByteSlice) -> [UInt8] {
        var result: [UInt8] = []
        for part in original.split(separator: 0x2E, omittingEmptySubsequences: false) {
            let isFirst = result.isEmpty
            if !isFirst { result.append(0x2E) }
            let before = Array(original[..<part.startIndex])
            guard let number = Decimal.value(of: part).flatMap(UInt8.init(exactly:)),
                part.first != 0x30 || part.count == 1
            else {
                result += part.map { _ in 0x31 }
                continue
            }
            let choices: ClosedRange<UInt8> =
                switch part.count {
                case 1: isFirst ? 1...9 : 0...9
                case 2: 10...99
                // Not 224 and above: those are not host addresses.
                default: isFirst ? 100...223 : 100...255
                }
            var permuted = permute(number, choices, before)
            // 127 is the loopback network.
            if isFirst, permuted == 127, number != 127 { permuted = permute(127, choices, before) }
            result += String(permuted).utf8
        }
        return result
    }

    /// Permutes a number among the choices (a shuffle keyed by the preceding bytes), one to one.
    private func permute(_ number: UInt8, _ choices: ClosedRange<UInt8>, _ before: [UInt8]) -> UInt8 {
        guard choices.contains(number) else { return choices.lowerBound }
        var generator = generator(0x49, before + [UInt8(truncatingIfNeeded: choices.count)])
        var others = Array(choices)
        for index in others.indices.dropFirst().reversed() { others.swapAt(index, generator.next(below: index + 1)) }
        return others[Int(number - choices.lowerBound)]
    }

    /// Permutes an IPv6 address. Groups keep their lengths and never become 0, so that `::` stays the shortest form.
    private func ipv6(_ original: ByteSlice) -> [UInt8] {
        var generator = generator(0x36, original)
        let tail = original.contains(0x2E) ? (original.lastIndex(of: 0x3A) ?? original.endIndex) + 1 : original.endIndex
        var isStart = true
        let groups = original[..<min(tail, original.endIndex)].map { byte -> UInt8 in
            let digit = UInt8(truncatingIfNeeded: 1 + generator.next(below: 15))
            defer { isStart = byte == 0x3A }
            if byte == 0x3A || byte == 0x25 { return byte }
            return isStart && byte &- 0x32 < 2 ? byte : Hexadecimal.digit(digit)
        }
        return tail < original.endIndex ? groups + ipv4(original[tail...]) : groups
    }
}
