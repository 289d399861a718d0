// Decides whether the clock and the system's limits are good enough. Pure.

/// The limits of this process and of the system.
struct LimitsFact: Sendable, Hashable {
    var softFiles: Int
    var hardFiles: Int
    /// The longest queue of connections that wait to be accepted.
    var somaxconn: Int?
}

extension Check {
    /// The most seconds by which clocks may differ.
    private static let mostOffset = 60

    /// - Parameters:
    ///   - server: the time of the upstream's web server in seconds since 1970; nil if it has none.
    ///   - now: this machine's time.
    static func clock(server: Int?, now: Int) -> Check {
        guard let server else { return Check(.clock, .skipped, "The upstream has no web server that says its time.") }
        let offset = server - now
        guard abs(offset) > mostOffset else { return Check(.clock, .ok, "The clock agrees with the upstream's.") }
        return Check(
            .clock, .note, "The clock is \(abs(offset)) s \(offset > 0 ? "behind" : "ahead of") the upstream's.",
            ["sudo timedatectl set-ntp true"])
    }

    /// - Parameter connections: how many connections the hard limit allows.
    static func limits(_ fact: LimitsFact, connections: Int) -> Check {
        let text = "\(connections) clients at once: \(fact.hardFiles) open files (soft limit \(fact.softFiles))"
        guard connections >= 100 else {
            return Check(.limits, .failed, "Only \(text).", ["ulimit -Hn 65536"])
        }
        if let somaxconn = fact.somaxconn, somaxconn < 128 {
            return Check(
                .limits, .note, "\(text); net.core.somaxconn is only \(somaxconn).",
                ["sudo sysctl net.core.somaxconn=4096"])
        }
        return Check(.limits, .ok, "\(text).")
    }

    /// Reads the `Date` header of an HTTP answer, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
    ///
    /// - Returns: seconds since 1970; nil if there is no such header.
    static func date(in answer: [UInt8]) -> Int? {
        let text = String(decoding: answer, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline)
        guard let line = lines.first(where: { $0.lowercased().hasPrefix("date:") }) else { return nil }
        let words = line.dropFirst(5).split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, let day = Int(words[1]), let month = months.firstIndex(of: String(words[2])),
            let year = Int(words[3]), (1...31).contains(day), (1970...9999).contains(year)
        else { return nil }
        let time = words[4].split(separator: ":").compactMap { Int($0) }
        guard time.count == 3, time.allSatisfy({ (0...60).contains($0) }) else { return nil }
        // Days since 1970 of the civil calendar, with years that begin in March.
        let shifted = month < 2 ? year - 1 : year
        let century = shifted / 400
        let yearOfCentury = shifted - century * 400
        let dayOfYear = (153 * ((month + 10) % 12) + 2) / 5 + day - 1
        let days =
            century * 146_097 + yearOfCentury * 365 + yearOfCentury / 4 - yearOfCentury / 100 + dayOfYear - 719_468
        return days * 86_400 + time[0] * 3_600 + time[1] * 60 + time[2]
    }
}
