// Formats times quickly by caching the text of the last second.

internal import Events

/// Writes times as text. It caches the text of the last second, because consecutive events usually share it.
struct TimeWriter: Sendable {
    private let zone: TimeZoneRules
    private var second: Int64 = .min
    /// The seconds from UTC to the local time of the cached second, and the text of this offset; empty in UTC.
    private var shift: Int64 = 0
    private var offset: [UInt8] = []
    private var clock: [UInt8] = []
    private var dateAndClock: [UInt8] = []
    private var template = InlineArray<64, UInt8>(repeating: 0x30)
    private var stampLength = 0

    /// - Parameter zone: the zone of `appendTime`; all other texts are in UTC, and must come from another writer.
    init(_ zone: TimeZoneRules = .utc) { self.zone = zone }

    /// The day of a time in the zone, counted from 1970.
    func day(of time: Timestamp) -> Int64 { zone.isLocal ? time.shifted(to: zone).day : time.day }

    /// Appends `2005-05-06T09:17:57.389967Z`.
    mutating func appendDateAndTime(_ time: Timestamp, to bytes: inout ByteWriter) {
        let fraction = prepare(time)
        bytes.append(dateAndClock)
        Self.append(fraction / 1_000, digits: 6, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// Appends `09:17:57.389967`, in a local zone `11:17:57.389967+02:00`.
    mutating func appendTime(_ time: Timestamp, to bytes: inout ByteWriter) {
        let fraction = prepare(time)
        bytes.append(clock)
        bytes.append(UInt8(ascii: "."))
        Self.append(fraction / 1_000, digits: 6, to: &bytes)
        bytes.append(offset)
    }

    /// Appends `2005-05-06T09:17:57.389967Z","ns":1115371077389967000`: both forms of the time in each JSON line,
    /// copied in one piece.
    mutating func appendStamp(_ time: Timestamp, to bytes: inout ByteWriter) {
        guard time.nanoseconds >= 1_000_000_000 else {
            appendDateAndTime(time, to: &bytes)
            bytes.append(plain: "\",\"ns\":")
            bytes.append(number: time.nanoseconds)
            return
        }
        let fraction = prepare(time)
        bytes.append(stamp(fraction).span, 0..<stampLength)
    }

    /// The stamp of the cached second, with this fraction inserted in both places.
    private mutating func stamp(_ nanoseconds: Int64) -> InlineArray<64, UInt8> {
        var rest = UInt32(truncatingIfNeeded: nanoseconds)
        var index = 8
        while index >= 0 {
            let digit = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            template[stampLength &- 9 &+ index] = digit
            if index < 6 { template[20 &+ index] = digit }
            index &-= 1
        }
        return template
    }

    /// Updates the cached texts to the second of a time.
    ///
    /// - Returns: the nanoseconds within the second.
    private mutating func prepare(_ time: Timestamp) -> Int64 {
        let (whole, rest) = time.secondAndFraction
        if whole != second {
            second = whole
            if zone.isLocal {
                shift = time.hasDate ? zone.offset(at: whole) : 0
                offset = Array(time.offsetText(in: zone).utf8)
            }
            let text = Timestamp.text(ofSecond: whole &+ shift)
            clock = text.clock
            dateAndClock = text.date + [UInt8(ascii: "T")] + clock + [UInt8(ascii: ".")]
            let stamp = dateAndClock + Array("000000Z\",\"ns\":\(whole)000000000".utf8)
            stampLength = min(stamp.count, 64)
            for index in 0..<stampLength { template[index] = stamp[index] }
        }
        return rest
    }

    /// Appends a number of at most nine digits, with leading zeros.
    private static func append(_ value: Int64, digits count: Int, to bytes: inout ByteWriter) {
        var digits = InlineArray<9, UInt8>(repeating: 0x30)
        var rest = UInt32(truncatingIfNeeded: value)
        var index = 9
        while index > 9 - count {
            index -= 1
            digits[index] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        bytes.append(digits.span, 9 - count..<9)
    }
}
