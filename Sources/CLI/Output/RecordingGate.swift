// Lets a demo begin to record after its scripted chat.

import Archive
internal import Events
import Synchronization

/// Passes events to a recorder once it is open. Events without a connection are always passed.
final class RecordingGate: LiveEventSink {
    private let recorder: Recorder
    private let state: Atomic<Bool>

    init(_ recorder: Recorder, isOpen: Bool) {
        self.recorder = recorder
        state = Atomic(isOpen)
    }

    /// Whether events are recorded.
    var isOpen: Bool { state.load(ordering: .acquiring) }

    /// Begins to record. Connections that are open already would be recorded without their beginning, so there should be
    /// none.
    func open() { state.store(true, ordering: .releasing) }

    func receive(_ events: [Event]) -> Bool {
        if isOpen { return recorder.receive(events) }
        let others = events.filter { $0.connection == 0 }
        return others.isEmpty || recorder.receive(others)
    }

    func whenReady(_ callback: @escaping @Sendable () -> Void) { recorder.whenReady(callback) }
}
