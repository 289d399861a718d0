// The output of one part of a batch: bytes, and the places where something of other connections comes between them.

internal import Events

/// What is printed of the steps of a part.
struct PartOutput: Sendable {
    /// A place in the output.
    struct Mark: Sendable {
        let offset: Int
        let kind: Kind
    }

    enum Kind: Sendable {
        /// A run ends: the output goes on with another part.
        case runEnd
        /// The heading for this time, unless it is the last one.
        case heading(Timestamp)
        /// The findings on transfers that join two connections.
        indirect case joint(TransferJoint)
    }

    var bytes: [UInt8] = []
    /// In the order of their offsets.
    var marks: [Mark] = []

    /// Appends what is printed of a part.
    ///
    /// - Parameter part: its steps are removed: a step that stays in an array would be copied.
    mutating func append(
        _ part: inout BatchPart, through analyses: inout ConnectionAnalyses, by writer: inout some EventWriter
    ) {
        // The day of the last event if nothing else can come between it and the next one.
        var day: Int64?
        var runs = part.runs.dropFirst()
        let connections = part.connections
        for index in connections.indices {
            var step = DecodedStep.nothing
            swap(&step, &part.steps[index])
            if index == runs.first {
                runs.removeFirst()
                mark(.runEnd)
                day = nil
            }
            analyses.take(
                consume step, of: connections[index],
                join: { joint in
                    mark(.joint(joint))
                    day = nil
                    return []
                },
                emit: { event in
                    guard writer.selects(event) else { return }
                    if let newDay = writer.headingDay(of: event.time), newDay != day {
                        mark(.heading(event.time))
                        day = newDay
                    }
                    writer.append(event, to: &bytes)
                })
        }
        mark(.runEnd)
    }

    /// Forgets the content, but keeps the memory.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        marks.removeAll(keepingCapacity: true)
    }

    private mutating func mark(_ kind: Kind) { marks.append(Mark(offset: bytes.count, kind: kind)) }
}
