// Assigns the commands of a pasted log to connections. Pure.

internal import MSNP

extension PastedLog {
    /// The connection of a command; begins a new one if the command starts it.
    mutating func connection(for frame: Frame, _ side: Side, _ line: LogLine) -> Int {
        let key = line.key
        if let current = open[key], !isNew(frame, side, current, key) { return current.index }
        let opening = FirstCommand(frame)
        var server = address ?? open[key]?.redirect
        if side == .client, opening.role == .switchboard { server = switchboard ?? server }
        close(key)
        address = nil
        isBoundary = false
        var number: Int?
        if case .number(let stated) = key { number = stated }
        return begin(key, .opened(number: number, role: line.role, client: nil, server: server))
    }

    private func isNew(_ frame: Frame, _ side: Side, _ current: Open, _ key: LogKey) -> Bool {
        guard side == .client, !key.isNumber else { return false }
        if isBoundary, key == .none { return true }
        switch FirstCommand(frame) {
        case .notification, .fileTransfer: return current.clientHasSpoken && !current.isReset
        case .switchboardCaller, .switchboardCallee: return true
        default: return false
        }
    }

    /// Notes what a command implies for later connections: redirects and restarts.
    mutating func updateState(_ frame: Frame, _ side: Side, _ key: LogKey) {
        if side == .client {
            open[key]?.clientHasSpoken = true
            open[key]?.isReset = false
            return
        }
        switch Command(frame, from: side) {
        case .redirect(let redirect) where redirect.cookie == nil: open[key]?.redirect = redirect.address
        case .redirect(let redirect): switchboard = redirect.address
        case .restart: open[key]?.isReset = true
        default: break
        }
    }

    mutating func begin(_ key: LogKey, _ kind: PastedEntry.Kind) -> Int {
        if order.count >= Self.mostOpen, let oldest = order.first { close(oldest) }
        lastIndex += 1
        open[key] = Open(index: lastIndex)
        order.append(key)
        send(kind, on: lastIndex)
        for finding in unreadableBeforeStart { send(.finding(finding), on: lastIndex) }
        unreadableBeforeStart = []
        return lastIndex
    }

    mutating func close(_ key: LogKey, reason: String? = nil) {
        guard let closed = open.removeValue(forKey: key) else { return }
        order.removeAll { $0 == key }
        finishChunks(key, on: closed.index)
        send(.closed(reason: reason), on: closed.index)
    }
}
