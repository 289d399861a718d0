// What a ladder is asked of: one thing, or two beside each other, and how its columns are named.

import Analysis
import Archive
import Events
import Ladders
import MSNP
import Output

/// The parameters of a ladder.
struct WantedLadder: Sendable {
    /// One thing, and perhaps another one beside it.
    let ids: [ArchiveID]
    let options: LadderOptions
    /// The roles of connections whose rows are left out.
    let without: Set<Role>
    /// Whether columns have the display names of people instead of their accounts.
    let showsNames: Bool

    init(_ parameters: Parameters) throws {
        guard let id = try Downloads.id(parameters.text("of")) else {
            throw RequestError.parameter("of", "This parameter is an identifier such as s6, c14, v17 or r1.")
        }
        if let text = try parameters.text("beside") {
            guard let other = ArchiveID(text) else {
                throw RequestError.parameter("beside", "This parameter is an identifier such as s7.")
            }
            ids = [id, other]
        } else {
            ids = [id]
        }
        var options = LadderOptions()
        if let text = try parameters.text("fold") {
            let folded = try text.split(separator: ",").map { name in
                guard let group = FoldGroup(rawValue: String(name)) else {
                    let names = FoldGroup.allCases.map(\.rawValue).joined(separator: ", ")
                    throw RequestError.parameter("fold", "These are some of \(names).")
                }
                return group
            }
            options.unfolded = Set(FoldGroup.allCases).subtracting(folded)
        }
        self.options = options
        without = try Set(
            (parameters.text("without") ?? "").split(separator: ",").map { name in
                guard let role = Role(rawValue: String(name)) else {
                    throw RequestError.parameter("without", "These are roles such as SB.")
                }
                return role
            })
        switch try parameters.text("names") ?? "account" {
        case "account": showsNames = false
        case "name": showsNames = true
        default: throw RequestError.parameter("names", "This parameter is account or name.")
        }
    }
}

extension DataService {
    /// The ladder of one thing, or of two.
    func ladder(_ wanted: WantedLadder, _ control: ReadControl) throws -> Ladder {
        var ladder =
            wanted.ids.count == 1
            ? try ladder(of: wanted.ids[0], wanted.options, control)
            : try ladder(ofAll: wanted.ids, wanted.options, longest: Self.longestLadder, control)
        let hidden = ladder.parties.map { party in party.role.map(wanted.without.contains) ?? false }
        ladder.rows.removeAll { hidden[$0.from] || hidden[$0.to] }
        return wanted.showsNames ? try named(ladder, wanted.ids, control) : ladder
    }

    /// The ladder of several things, kept until the next commit. What takes longer than `longest` is left out.
    func ladder(
        ofAll ids: [ArchiveID], _ options: LadderOptions, longest: Duration, _ control: ReadControl
    ) throws -> Ladder {
        for id in ids { try require(.of(id), control) }
        // Before anything is read: a commit in between has it read again.
        let commit = try reader.commitNumber()
        let key = LadderCache.Key(ids: ids, unfolded: options.unfolded)
        if let kept = ladders.value(key), kept.commit == commit { return kept.ladder }
        var options = options
        options.hasRelay = try self.options.mode == .relay || reader.lists(control) { try $0.isOfRelay(ids) }
        var builder = LadderBuilder(presentation, options)
        let end = ContinuousClock.now + longest
        let isCut = try reader.lists(control) { archive in
            var places = EventPlaces()
            var isCut = false
            try archive.replay(ArchiveSelection(ids), EventDetail(.all)) { event in
                builder.take(event, at: places.next(event))
                isCut = builder.isFull || ContinuousClock.now > end
                return !isCut
            }
            return isCut
        }
        if isCut {
            let total = try ids.reduce(Int64(0)) { try $0 + reader.total(of: .of($1), control) }
            builder.leaveOut(Int(clamping: max(1, total - builder.frames)))
        }
        let ladder = builder.finish()
        ladders.keep(GrowingLadder(commit: commit, settled: builder, ladder: ladder), for: key)
        return ladder
    }

    /// A ladder whose clients have their display names, as far as they are known.
    private func named(_ ladder: Ladder, _ ids: [ArchiveID], _ control: ReadControl) throws -> Ladder {
        var unnamed = Set(ladder.parties.filter { $0.kind == .client }.map(\.name))
        var names: [String: String] = [:]
        try reader.lists(control) { archive in
            let query = SessionQuery(selection: ListSelection(ids.map(\.description)))
            _ = try archive.sessions(query) { part in
                guard case .begins(let summary) = part, let account = summary.account else { return true }
                if let name = summary.name, !name.isEmpty, unnamed.remove(account) != nil { names[account] = name }
                return !unnamed.isEmpty
            }
        }
        var ladder = ladder
        for index in ladder.parties.indices where ladder.parties[index].kind == .client {
            if let name = names[ladder.parties[index].name] { ladder.parties[index].name = name }
        }
        return ladder
    }
}
