// A recording that is exported as pcapng and read again has the same events.

import Captures
import EventSamples
import Foundation
import MSNP
import TestSupport
import Testing

@Suite(.serialized) struct PcapngRoundTripTests {
    @Test(arguments: Repository.captureFiles) func aCaptureComesBack(path: String) throws {
        try comesBack(Recording([path]), name: URL(filePath: path).lastPathComponent)
    }

    @Test func capturesBesideTheRepositoryComeBack() throws {
        for path in SharedFolder.captureFiles(neededFor: "round trips of real captures through pcapng") {
            try comesBack(Recording([path]), name: URL(filePath: path).lastPathComponent)
        }
    }

    @Test(arguments: [
        "--reorder .05 --duplicate .05 --overlap .05", "--drop .01", "--start-midstream .3", "--snaplen 256 --ipv6 .5",
        "--coalesce .8 --drop .01 --start-midstream .3",
    ])
    func inventedCapturesComeBack(_ switches: String) throws {
        guard let capture = try syntheticCapture(switches) else { return }
        try comesBack(Recording([capture.path]), name: switches)
    }

    /// A failure shows no text of messages: that of real captures is not for test logs.
    private func comesBack(_ recording: Recording, name: String) throws {
        let scratch = try Scratch()
        let file = try scratch.write(pcapng(recording.events), to: "export.pcapng")
        let again = Recording([file])
        #expect(again.summary.troubles.isEmpty, "\(name)")
        var (old, new) = (recording.connections, again.connections)
        // A server that a gateway was asked for by name gets the first of the addresses for such names.
        for index in old.indices { old[index].ends.replace(/messenger\.example\.com/, with: "203.0.113.1") }
        if name.contains("midstream") {
            // Without a handshake, a short connection may be recognised a moment earlier or later than it was.
            old.sort { ($0.opened, $0.ends) < ($1.opened, $1.ends) }
            new.sort { ($0.opened, $0.ends) < ($1.opened, $1.ends) }
        }
        let isSameOrder = old.map(\.ends) == new.map(\.ends)
        #expect(isSameOrder, "\(name): \(old.count) connections, and \(new.count)")
        for (index, (old, new)) in zip(old, new).enumerated() {
            let different = old.differences(from: new)
            #expect(different.isEmpty, "\(name), connection \(index)")
        }
    }
}

extension RecordedConnection {
    /// The names of what is not the same.
    func differences(from other: RecordedConnection) -> [String] {
        var names: [String] = []
        if let place = zip(comparablePieces, other.comparablePieces).enumerated().first(where: {
            $0.element.0 != $0.element.1
        }) {
            names.append("piece \(place.offset): \(place.element.0) became \(place.element.1)")
        } else if pieces.count != other.pieces.count {
            names.append("\(pieces.count) pieces became \(other.pieces.count)")
        }
        if bytes != other.bytes { names.append("bytes") }
        if messages != other.messages { names.append("messages") }
        if role != other.role { names.append("\(role) became \(other.role)") }
        if dialect != other.dialect { names.append("dialect") }
        if ends != other.ends { names.append("ends") }
        if opened != other.opened { names.append("opened \(opened) became \(other.opened)") }
        if reason != other.reason { names.append("'\(reason)' became '\(other.reason)'") }
        if unseen != other.unseen { names.append("unseen \(unseen) became \(other.unseen)") }
        return names
    }
}
