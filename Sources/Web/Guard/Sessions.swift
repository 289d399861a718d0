// The sessions of signed-in readers, in two halves, and the brake on guesses. Values; the clock is a parameter.

/// The sessions. Either half alone opens nothing: browsers send a cookie to every port of its host, and what is kept in
/// a page's storage can be read by its extensions.
struct Sessions: Sendable {
    /// One signed-in reader.
    struct Session: Sendable {
        /// Sent by the browser with each request.
        let cookie: String
        /// Sent by the page with each request.
        let key: String
        var lastUse: Seconds
    }

    /// Seconds of a clock that only goes forward.
    typealias Seconds = Double

    /// The identifier of a session within this run.
    typealias ID = Int

    static let most = 16
    static let lifetime: Seconds = 24 * 3_600
    /// Browsers open six connections to a host; more streams would leave none for requests.
    static let mostStreams = 4
    static let mostStreamsInAll = 32

    /// Stands for whoever gives the token with each request, as scripts do.
    static let withToken: ID = 0

    private(set) var open: [ID: Session] = [:]
    private var nextID = 1
    /// The number of open streams of each session.
    private var streams: [ID: Int] = [:]

    /// Begins a session with new random halves; the one that was not used for the longest time ends if there are too
    /// many.
    mutating func begin(at now: Seconds, random: () -> String = Token.randomText) -> Session {
        expire(at: now)
        if open.count >= Self.most, let oldest = open.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            open[oldest.key] = nil
        }
        let session = Session(cookie: random(), key: random(), lastUse: now)
        open[nextID] = session
        nextID += 1
        return session
    }

    /// The session with both halves. Two cookies of one name are as good as none: another port has set one of them.
    mutating func find(cookies: [String], keys: [String], at now: Seconds) -> ID? {
        guard keys.count == 1, let key = keys.first, let id = find(cookies: cookies, at: now) else { return nil }
        guard let session = open[id], Token.areEqual(session.key, key) else { return nil }
        open[id]?.lastUse = now
        return id
    }

    /// The session of a cookie, for downloads, which have a ticket besides.
    mutating func find(cookies: [String], at now: Seconds) -> ID? {
        expire(at: now)
        guard cookies.count == 1, let cookie = cookies.first else { return nil }
        var found: ID?
        for (id, session) in open where Token.areEqual(session.cookie, cookie) { found = id }
        return found
    }

    mutating func end(_ id: ID) { open[id] = nil }

    /// Counts a stream; false if there are too many.
    mutating func openStream(_ id: ID) -> Bool {
        let all = streams.values.reduce(0, +)
        guard streams[id, default: 0] < Self.mostStreams, all < Self.mostStreamsInAll else { return false }
        streams[id, default: 0] += 1
        return true
    }

    mutating func closeStream(_ id: ID) {
        let rest = streams[id, default: 0] - 1
        streams[id] = rest > 0 ? rest : nil
    }

    private mutating func expire(at now: Seconds) {
        open = open.filter { streams[$0.key] != nil || now - $0.value.lastUse < Self.lifetime }
    }
}

/// Slows down guesses of a token that people chose.
struct Throttle: Sendable {
    static let mostFailures = 5
    static let window: Sessions.Seconds = 60
    /// The first pause; with the further ones, eight guesses are looked at in the first minute.
    static let shortestPause: Sessions.Seconds = 8
    static let longestPause: Sessions.Seconds = 30

    private var failures: [Sessions.Seconds] = []
    private var pause = shortestPause
    private var blockedUntil: Sessions.Seconds = 0

    /// Whether a guess is looked at.
    func isOpen(at now: Sessions.Seconds) -> Bool { now >= blockedUntil }

    /// Counts a wrong guess.
    mutating func fail(at now: Sessions.Seconds) {
        failures = failures.filter { now - $0 < Self.window } + [now]
        guard failures.count >= Self.mostFailures else { return }
        blockedUntil = now + pause
        pause = min(pause * 2, Self.longestPause)
    }

    /// Forgets the guesses after a right one.
    mutating func succeed() { self = Throttle() }
}
