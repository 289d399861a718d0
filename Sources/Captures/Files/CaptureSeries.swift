// Groups capture files into series: files of one capture point, one behind the other.

/// The files of one capture point, such as `eth0-0001.pcap` to `eth0-0040.pcap`. They are read as one capture, because a
/// connection may span several of them.
package struct CaptureSeries: Equatable, Sendable {
    /// The folder and the names of the files, with what differs between them replaced.
    package var name: String
    /// The paths of the files. The order in which they are read is that of their first packets' times.
    package var files: [String]

    package init(name: String, files: [String]) {
        self.name = name
        self.files = files
    }

    /// Groups files into series.
    ///
    /// - Parameters:
    ///   - files: paths of files, or `-` for standard input, which is a series of its own.
    ///   - name: returns the name of the series of a file.
    /// - Returns: the series in the order of their names, each with its files in the order of theirs.
    package static func grouped(_ files: [String], name: (String) -> String) -> [CaptureSeries] {
        Dictionary(grouping: files) { $0 == "-" ? $0 : name($0) }
            .map { CaptureSeries(name: $0.key, files: $0.value.sorted()) }
            .sorted { $0.name < $1.name }
    }

    /// The name of a file without what rotation changes: each group of digits, as in numbers and dates, becomes `#`; `.gz`
    /// at the end is left out. The folder stays as it is.
    package static func automaticName(of path: String) -> String {
        let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let name = path[start...]
        return path[..<start] + replacingDigits(name.hasSuffix(".gz") ? name.dropLast(3) : name)
    }

    /// The name of a file's series by an expression: the text of its groups, or of the whole match if it has none. A file
    /// in whose path nothing matches is a series of its own.
    package static func name(of path: String, by expression: Regex<AnyRegexOutput>) -> String {
        guard let match = path.firstMatch(of: expression) else { return path }
        let groups = match.output.dropFirst().compactMap(\.substring)
        return groups.isEmpty ? String(path[match.range]) : groups.joined(separator: "/")
    }

    private static func replacingDigits(_ name: Substring) -> String {
        var result = ""
        var isInDigits = false
        for character in name {
            let isDigit = ("0"..."9").contains(character)
            if !isDigit { result.append(character) } else if !isInDigits { result.append("#") }
            isInDigits = isDigit
        }
        return result
    }
}
