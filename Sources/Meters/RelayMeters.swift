// The meters of a running relay: an event sink, and an observer of its connections.

package import Doors
package import Events
package import MSNP
internal import NIOConcurrencyHelpers
internal import Relay

/// Counts what a relay does. It counts once for each batch of events, on the thread that delivers them, so the relay's
/// event loops do not pay for it.
package final class RelayMeters: LiveEventSink, RelayObserver {
    private struct State: Sendable {
        var events = EventCounts()
        var dials = DialCounts()
        var archive: (@Sendable () -> ArchiveFigures)?
        var isAccepting: (@Sendable () -> Bool)?
    }

    private let state = NIOLockedValueBox(State())
    private let version: String
    private let upstream: HostPort?

    /// - Parameters:
    ///   - upstream: the address that the relay dials for the upstream; nil if there is none.
    ///   - version: the version of the program.
    package init(upstream: HostPort?, version: String) {
        self.upstream = upstream
        self.version = version
    }

    /// Sets where the state of the recording comes from.
    package func observe(archive: @escaping @Sendable () -> ArchiveFigures) {
        state.withLockedValue { $0.archive = archive }
    }

    /// Sets where the state of the listeners comes from.
    package func observe(isAccepting: @escaping @Sendable () -> Bool) {
        state.withLockedValue { $0.isAccepting = isAccepting }
    }

    /// Notes the check of the upstream at the start.
    package func note(upstreamIsReached: Bool) {
        state.withLockedValue { $0.dials.upstreamIsReached = upstreamIsReached }
    }

    package func receive(_ events: [Event]) -> Bool {
        state.withLockedValue { $0.events.add(events) }
        return true
    }

    package func whenReady(_ callback: @escaping @Sendable () -> Void) { callback() }

    package func opened(_ connection: Int, by door: Door) {
        state.withLockedValue { $0.events.note(connection, by: door) }
    }

    package func dialled(_ server: HostPort, seconds: Double, _ outcome: ProxyOutcome) {
        state.withLockedValue { state in
            state.dials.add(seconds: seconds, outcome)
            if server == upstream { state.dials.upstreamIsReached = outcome == .connected }
        }
    }

    /// All metrics as text.
    var text: String {
        let state = state.withLockedValue(\.self)
        return MetricsSnapshot(
            version: version, events: state.events, dials: state.dials, archive: state.archive?(),
            process: ProcessFigures.now()
        ).text
    }

    var readiness: Readiness {
        let (archive, isAccepting, isReached) = state.withLockedValue {
            ($0.archive, $0.isAccepting, $0.dials.upstreamIsReached)
        }
        return Readiness(
            isAccepting: isAccepting?() ?? true, isRecording: archive?().isRecording, upstreamIsReached: isReached)
    }
}
