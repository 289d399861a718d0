// Reads packets, reassembles TCP streams, selects those that carry MSNP, and passes them on in batches.

internal import Events
internal import MSNP
internal import Packets

/// Reads captures on one thread and passes connections worth decoding to another.
struct CaptureReader {
    /// The packet dissector; its counts go into the summary.
    private(set) var dissector = Dissector()
    private(set) var sequence: CaptureSequence

    private var reassembler = Reassembler()
    private var classifier: ConnectionClassifier
    private let queue: BatchQueue
    private let maskKey: SharedMaskKey
    private let slice: AddressSlice?
    /// The first bytes of all files together, for the key of masks.
    private var content = ContentKey()
    private var pastedConnections = 0

    /// The number of packets between two progress reports.
    private static let reportInterval = 16_384

    /// A reader of these files.
    ///
    /// - Parameters:
    ///   - everything: also pass on connections without MSNP, to be counted.
    ///   - slice: which connections to read; nil for all. Pasted logs have no addresses: they belong to the first slice.
    ///   - queue: receives the batches.
    ///   - maskKey: receives the key for masks before the first batch.
    init(_ paths: [String], everything: Bool, slice: AddressSlice?, queue: BatchQueue, maskKey: SharedMaskKey) {
        sequence = CaptureSequence(paths)
        classifier = ConnectionClassifier(everything: everything)
        self.slice = slice
        self.queue = queue
        self.maskKey = maskKey
    }

    /// Reads to the end, or until the decoder abandons the queue.
    ///
    /// - Parameters:
    ///   - progress: is called now and then with the number of bytes read.
    ///   - isCancelled: is asked now and then whether to stop.
    mutating func run(progress: (Int) -> Void, isCancelled: () -> Bool = { false }) {
        var file = sequence.next(after: nil)
        var last: CaptureFile?
        var untilReport = 0
        var needsContent = !content.isFull
        reading: while let current = file {
            if current !== last {
                classifier.files.change(to: current.name, at: current.time)
                last = current
            }
            current.withPacket { packet, bytes in
                if needsContent {
                    content.take([UInt8](copying: bytes), number: packet.time)
                    needsContent = !content.isFull
                }
                reassembler.receive(
                    bytes, wireLength: packet.wireLength, linkType: current.linkType, at: packet.time,
                    through: &dissector, of: slice
                ) { event, bytes in classifier.take(event, bytes) }
            }
            for connection in classifier.removeForeign() { reassembler.ignore(connection) }
            if classifier.isFull, !sendBatch() { break reading }
            untilReport -= 1
            if untilReport <= 0 {
                untilReport = Self.reportInterval
                progress(sequence.bytesRead)
                if isCancelled() { break reading }
            }
            file = sequence.next(after: current)
        }
        reassembler.finish { event, bytes in classifier.take(event, bytes) }
        if sendBatch(), slice?.number ?? 1 == 1 {
            for path in sequence.pasted { readPastedLog(PastedFile.bytes(of: path) ?? [], from: path) }
            if let bytes = sequence.pastedInput { readPastedLog(bytes, from: CaptureFile.nameOfStandardInput) }
        }
        _ = sendBatch()
        queue.close()
        progress(sequence.bytesRead)
    }

    /// Passes on the entries of a pasted log. Its connections are numbered after those of earlier logs.
    private mutating func readPastedLog(_ bytes: [UInt8], from file: String) {
        if content.isEmpty { content.take(bytes) }
        maskKey.set(content)
        var batch = classifier.batch
        var count = 0
        let base = pastedConnections
        let queue = queue
        PastedLog.read(bytes) { entry in
            var entry = entry
            entry.connection += base
            if case .opened = entry.kind { entry.file = file }
            count = max(count, entry.connection + 1 - base)
            batch.entries.append(.pasted(entry))
            guard batch.entries.count >= ConnectionClassifier.mostEntries else { return true }
            guard let next = queue.put(batch) else { return false }
            batch = next
            return true
        }
        classifier.batch = batch
        pastedConnections += count
    }

    private mutating func sendBatch() -> Bool {
        maskKey.set(content)
        guard let next = queue.put(classifier.batch) else { return false }
        classifier.batch = next
        return true
    }
}
