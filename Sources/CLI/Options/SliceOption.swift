// The option that reads a share of the connections of a capture.

import ArgumentParser
import Packets

/// `--slice`.
struct SliceOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only read the connections of slice K of N, so that N programs can share a capture: all connections between "
                + "two addresses are in one slice.", valueName: "k/n"))
    var slice: String?

    private static let mostSlices = 10_000

    func validate() throws {
        guard let slice, value == nil else { return }
        throw ValidationError("--slice is K/N with K from 1 to N, such as 2/4, not “\(slice)”.")
    }

    /// The slice; nil for all connections.
    var value: AddressSlice? {
        guard let parts = slice?.split(separator: "/", omittingEmptySubsequences: false), parts.count == 2,
            let number = Int(parts[0]), let count = Int(parts[1]), count <= Self.mostSlices
        else { return nil }
        return AddressSlice(number: number, of: count)
    }
}
