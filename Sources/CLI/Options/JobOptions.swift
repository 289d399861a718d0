// The option for the number of threads.

import ArgumentParser

/// `--jobs`.
struct JobOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Use this many threads to analyse and format; by default one for each core, at most \(Self.mostByDefault). "
                + "The output is the same.",
            valueName: "1-\(Self.most)"),
        completion: .list(["1", "2", "4", "8"]))
    var jobs: Int?

    private static let most = 64
    /// One thread reads and another one decodes for all of them: more threads would only need memory.
    private static let mostByDefault = 16

    func validate() throws {
        guard let jobs, !(1...Self.most).contains(jobs) else { return }
        throw ValidationError("--jobs is a number from 1 to \(Self.most), not \(jobs).")
    }

    /// The number of threads.
    var count: Int { jobs ?? min(Cores.available, Self.mostByDefault) }
}
