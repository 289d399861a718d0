// Remembers which capture file packets came from lately.

/// The latest changes from one capture file to another. A connection is reported some packets after its first one, when
/// its client is known; by then the reader may be in another file.
struct FileChanges {
    private var changes: [(time: Int64, name: String)] = []

    /// Captures of two interfaces may change places with every packet.
    private static let most = 64

    /// Notes that packets come from this file from now on.
    ///
    /// - Parameter time: the time of its packet, in nanoseconds since 1970.
    mutating func change(to name: String, at time: Int64) {
        if changes.count == Self.most { changes.removeFirst(Self.most / 2) }
        changes.append((time, name))
    }

    /// The file of a packet with this time; nil before the first file.
    func name(at time: Int64) -> String? { (changes.last { $0.time <= time } ?? changes.first)?.name }
}
