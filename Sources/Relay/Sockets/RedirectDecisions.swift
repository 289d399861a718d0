// How a relayed connection gets the decision on a redirect, at once or later.

internal import Events
internal import MSNP
internal import NIOCore
internal import Payloads

extension RelayedConnection {
    /// Decides on a redirect.
    ///
    /// - Returns: nil if the decision takes time; it then arrives at `finishDecision`, and the server is not read until then.
    func decide(_ redirect: Redirect) -> Session.Decision? {
        var early: Session.Decision?
        var isLate = false
        relay.decide(redirect, self).assumeIsolated().whenComplete { [self] result in
            let decision = decision(result, on: redirect)
            if isLate { finishDecision(decision) } else { early = decision }
        }
        isLate = true
        return early
    }

    private func decision(_ result: Result<Session.Decision, any Error>, on redirect: Redirect) -> Session.Decision {
        switch result {
        case .success(let made): return made
        case .failure(let error):
            let text = "The redirect to \(redirect.address) was forwarded unchanged: \(ErrorText.describe(error))"
            relay.report("connection \(number): \(text)")
            return .leave(Finding(.redirectNotRewritten, text, side: .server))
        }
    }

    /// Finds an address of the relay for an agreement on a direct link.
    func keepLink(_ agreement: DirectLinkAgreement) {
        relay.keep(agreement, of: self).assumeIsolated().whenComplete { [self] result in
            let decision =
                switch result {
                case .success(let made): made
                case .failure(let error): Session.DirectLinkDecision.leave(ErrorText.describe(error))
                }
            finishDecision(session.decided(decision))
        }
    }

    /// Continues after a decision that took time.
    private func finishDecision(_ decision: Session.Decision) { finishDecision(session.decided(decision)) }

    /// Carries out what follows from a decision that took time.
    private func finishDecision(_ outputs: [Session.Output]) {
        guard !isFinished else { return }
        perform(outputs)
        flush(to: .client)
        if let end = pendingServerEnd, !session.isDeciding {
            pendingServerEnd = nil
            ended(.server, end)
        }
        deliverEvents()
        readMore(.server)
    }
}
