// Formats the short list of `sessions`: one line for each sign-in.

import Archive
internal import Events
internal import Output

/// Writes one line for each sign-in, in columns.
struct SessionLines {
    private var table: TextTable
    private let time: ListTime

    /// - Parameter width: the number of columns at which lines are cut; nil to keep them whole.
    init(width: Int?, zone: TimeZoneRules) {
        time = ListTime(zone: zone)
        table = TextTable([.left, .left, .left, .right, .right, .right, .left, .left, .left], width: width)
    }

    mutating func append(_ signIn: SignInSummary, to bytes: inout [UInt8]) {
        let account = signIn.id == nil ? "without a sign-in" : signIn.account ?? "account unknown"
        table.append(
            [
                signIn.id?.description ?? signIn.recording.description, time.span(signIn.first, signIn.last),
                account + (signIn.name.map { " (\($0))" } ?? ""), signIn.conversations.countOrBlank("talk"),
                signIn.messages.countOrBlank("message"), signIn.findings.countOrBlank("finding"),
                signIn.dialect ?? "", signIn.program ?? "", signIn.file ?? signIn.origin,
            ], to: &bytes)
    }

    mutating func finish(_ bytes: inout [UInt8]) { table.finish(&bytes) }
}

extension BinaryInteger {
    /// `2 talks`; empty for none.
    func countOrBlank(_ noun: String) -> String { self == 0 ? "" : grouped(noun) }
}
