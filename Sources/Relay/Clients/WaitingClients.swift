// Ends waits that all have the same length: one timer for each event loop, instead of one for each client.

internal import NIOCore

/// The waits of one length on one event loop. Only used on that loop.
///
/// A timer of its own costs a client several hundred bytes, and clients that only connect are to be small.
final class WaitingClients {
    private let loop: any EventLoop
    private let length: TimeAmount
    /// Called with the number of a client and the end of its wait; it may have ended already.
    private let expire: (Int, NIODeadline) -> Void
    /// The waits in the order of their ends, since all have the same length.
    private var waits: [(number: Int, due: NIODeadline)] = []
    /// The number of waits at the front that are over.
    private var done = 0
    private var isScheduled = false

    init(_ length: TimeAmount, on loop: any EventLoop, expire: @escaping (Int, NIODeadline) -> Void) {
        self.length = length
        self.loop = loop
        self.expire = expire
    }

    /// Begins a wait.
    ///
    /// - Returns: its end.
    func add(_ number: Int) -> NIODeadline {
        let due = NIODeadline.now() + length
        waits.append((number, due))
        if !isScheduled { schedule(due) }
        return due
    }

    private func schedule(_ due: NIODeadline) {
        isScheduled = true
        loop.assumeIsolated().scheduleTask(deadline: due) { [self] in
            isScheduled = false
            let now = NIODeadline.now()
            while done < waits.count, waits[done].due <= now {
                let wait = waits[done]
                done += 1
                expire(wait.number, wait.due)
            }
            if done > waits.count / 2 {
                waits.removeFirst(done)
                done = 0
            }
            if done < waits.count, !isScheduled { schedule(waits[done].due) }
        }
    }
}

/// The waits for the first line and for the rest of a handshake, on one event loop.
struct ClientWaits {
    let firstLine: WaitingClients
    let handshake: WaitingClients
}
