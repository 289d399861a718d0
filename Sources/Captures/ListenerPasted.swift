// Pasted logs: commands that people wrote down, told of as if they had been heard.

internal import MSNP
internal import Transcript

struct PastedEntry: Sendable {}
extension Listener {
    mutating func take(_ entry: PastedEntry, _ emit: (Event) -> Void) {}
}
