// What a command prints of the events of a capture, so that several threads can select and format events.

package import Events

/// Selects events and writes them as bytes. Each thread makes its own: a copy would share memory, and threads that count
/// references to the same memory slow each other down. The result must not depend on the events of other connections,
/// except for headings. All functions are `mutating`, also those that change nothing: generic callers
/// would copy the writer for others.
package protocol EventWriter: Sendable {
    /// Sets the key for masks. Called before the first event.
    mutating func mask(with key: MaskKey)
    /// Whether an event is printed. Called once for each event, before `append`.
    mutating func selects(_ event: Event) -> Bool
    /// Appends an event that is printed.
    mutating func append(_ event: Event, to bytes: inout [UInt8])
    /// The day in whose heading an event at this time belongs; nil if the output has no headings.
    mutating func headingDay(of time: Timestamp) -> Int64?
    /// Appends the heading of the next event if it differs from that of the last one. Called on one copy, in the order
    /// of the output, and at least wherever the day may change.
    mutating func appendHeading(of time: Timestamp, to bytes: inout [UInt8])
    /// Adds what another copy counted.
    mutating func addCounts(of other: Self)
}
