// Puts the output of the parts of batches together in the order of the capture.

internal import Analysis
internal import Events

/// Joins the output of parts, and adds what depends on several connections: findings on transfers, and headings.
struct OutputAssembler<Writer: EventWriter> {
    private(set) var writer: Writer
    private var transfers = CrossConnectionTransfers()
    /// Memory for findings and headings.
    private var room: [UInt8] = []

    init(_ writer: Writer) { self.writer = writer }

    /// Writes the output of the next batch.
    ///
    /// - Parameters:
    ///   - order: the shard of each run.
    ///   - outputs: the outputs by shard; nil for shards without steps.
    ///   - write: receives the bytes in order; returns false to stop.
    /// - Returns: false if `write` did.
    mutating func write(
        _ order: [Int], _ outputs: [PartOutput?], to write: (ArraySlice<UInt8>) -> Bool
    ) -> Bool {
        var places = [(byte: Int, mark: Int)](repeating: (0, 0), count: outputs.count)
        for shard in order {
            guard let output = outputs[shard] else { continue }
            var (byte, mark) = places[shard]
            run: while mark < output.marks.count {
                let next = output.marks[mark]
                mark += 1
                if next.offset > byte {
                    guard write(output.bytes[byte..<next.offset]) else { return false }
                    byte = next.offset
                }
                switch next.kind {
                case .runEnd: break run
                case .heading(let time): writer.appendHeading(of: time, to: &room)
                case .joint(let joint): appendFindings(of: joint)
                }
                guard room.isEmpty || write(room[...]) else { return false }
                room.removeAll(keepingCapacity: true)
            }
            places[shard] = (byte, mark)
        }
        return true
    }

    /// Adds what the copies of the writer in other threads counted.
    mutating func addCounts(of others: [Writer]) {
        for other in others { writer.addCounts(of: other) }
    }

    private mutating func appendFindings(of joint: TransferJoint) {
        let findings = transfers.take(joint)
        guard let cause = joint.cause else { return }
        for finding in findings {
            let event = cause.followed(by: finding)
            guard writer.selects(event) else { continue }
            writer.appendHeading(of: event.time, to: &room)
            writer.append(event, to: &room)
        }
    }
}
