// Formats times quickly by keeping the text of the last second.

internal import Events

/// Writes times as text. It keeps the text of the last second, because consecutive events usually share it, and changes
/// only the digits that differ.
struct TimeWriter: Sendable {
    private let zone: TimeZoneRules
    private var second: Int64 = .min
    /// The first second of the day in `text`.
    private var midnight: Int64 = .min
    /// The seconds from UTC to the local time of the kept second, and the text of this offset; empty in UTC.
    private var shift: Int64 = 0
    private var offset: [UInt8] = []
    /// `2005-05-06T09:17:57.389967Z","ns":1115371077389967000`, and its length.
    private var text = InlineArray<64, UInt8>(repeating: 0x30)
    private var length = 0

    // The places of the parts in `text`. Years have four digits, because 64 bits hold no time outside 1677 to 2262.
    private static let clock = 11
    private static let micros = 20
    private static let end = 27
    private static let number = 34

    /// - Parameter zone: the zone of `appendTime`; all other texts are in UTC, and must come from another writer.
    init(_ zone: TimeZoneRules = .utc) {
        self.zone = zone
        put("0000-00-00T00:00:00.000000Z\",\"ns\":", at: 0)
    }

    /// The day of a time in the zone, counted from 1970.
    func day(of time: Timestamp) -> Int64 { zone.isLocal ? time.shifted(to: zone).day : time.day }

    /// Appends `2005-05-06T09:17:57.389967Z`.
    mutating func appendDateAndTime(_ time: Timestamp, to bytes: inout ByteWriter) {
        prepare(time)
        bytes.append(text.span, 0..<Self.end)
    }

    /// Appends `09:17:57.389967`, in a local zone `11:17:57.389967+02:00`.
    mutating func appendTime(_ time: Timestamp, to bytes: inout ByteWriter) {
        prepare(time)
        bytes.append(text.span, Self.clock..<Self.end &- 1)
        if zone.isLocal { bytes.append(offset) }
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
        prepare(time)
        bytes.append(text.span, 0..<length)
    }

    /// Sets the text to a time. The number is right only from the first second of 1970 on.
    private mutating func prepare(_ time: Timestamp) {
        let (whole, nanoseconds) = time.secondAndFraction
        if whole != second { prepare(second: whole, of: time) }
        var rest = UInt32(truncatingIfNeeded: nanoseconds)
        var index = 8
        while index >= 0 {
            let digit = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            text[length &- 9 &+ index] = digit
            if index < 6 { text[Self.micros &+ index] = digit }
            index &-= 1
        }
    }

    private mutating func prepare(second whole: Int64, of time: Timestamp) {
        second = whole
        if zone.isLocal {
            shift = time.hasDate ? zone.offset(at: whole) : 0
            offset = Array(time.offsetText(in: zone).utf8)
        }
        let shown = whole &+ shift
        if !(0..<86_400).contains(shown &- midnight) {
            let inDay = shown % 86_400
            midnight = shown - (inDay < 0 ? inDay + 86_400 : inDay)
            for (index, digit) in Timestamp.text(ofSecond: shown).date.prefix(10).enumerated() { text[index] = digit }
        }
        let inDay = shown &- midnight
        put(twoDigits: inDay / 3_600, at: Self.clock)
        put(twoDigits: inDay / 60 % 60, at: Self.clock + 3)
        put(twoDigits: inDay % 60, at: Self.clock + 6)
        var digits = 1
        var rest = whole / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        length = Self.number + digits + 9
        rest = max(0, whole)
        for index in (Self.number..<Self.number + digits).reversed() {
            text[index] = 0x30 + UInt8(rest % 10)
            rest /= 10
        }
    }

    private mutating func put(twoDigits value: Int64, at index: Int) {
        text[index] = 0x30 &+ UInt8(truncatingIfNeeded: value / 10)
        text[index + 1] = 0x30 &+ UInt8(truncatingIfNeeded: value % 10)
    }

    private mutating func put(_ part: String, at start: Int) {
        for (index, byte) in part.utf8.enumerated() { text[start + index] = byte }
    }
}
