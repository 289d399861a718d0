// Tickets for downloads: a link can carry neither the key of a session nor a header.

/// Tickets that are good once, for a minute, for the session that asked for them. The clock is a parameter.
struct Tickets: Sendable {
    /// What a ticket is for.
    struct Ticket: Sendable {
        let order: DownloadOrder
        let session: Sessions.ID
        let until: Sessions.Seconds
    }

    static let lifetime: Sessions.Seconds = 60
    /// Tickets that were never used are few; the oldest goes first.
    static let most = 64

    private var open: [String: Ticket] = [:]

    /// Makes a ticket.
    mutating func issue(
        _ order: DownloadOrder, for session: Sessions.ID, at now: Sessions.Seconds,
        random: () -> String = Token.randomText
    ) -> String {
        open = open.filter { $0.value.until > now }
        if open.count >= Self.most, let oldest = open.min(by: { $0.value.until < $1.value.until }) {
            open[oldest.key] = nil
        }
        let name = random()
        open[name] = Ticket(order: order, session: session, until: now + Self.lifetime)
        return name
    }

    /// Takes a ticket, which is then used up; nil if it is unknown, too old, or of another session.
    mutating func take(_ name: String, of session: Sessions.ID, at now: Sessions.Seconds) -> DownloadOrder? {
        guard let ticket = open[name], ticket.session == session else { return nil }
        open[name] = nil
        return ticket.until > now ? ticket.order : nil
    }
}
