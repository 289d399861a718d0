// Fields in one line, to compare with.

import MSNP
import Payloads
import Testing

/// `name=value, list=[a, b], inner={x=1}`.
func line(_ fields: [Field]) -> String { fields.map { "\($0.name)=\(line($0.value))" }.joined(separator: ", ") }

private func line(_ value: Field.Value) -> String {
    switch value {
    case .text(let text): text
    case .number(let number): "#\(number)"
    case .flag(let flag): flag ? "yes" : "no"
    case .list(let values): "[" + values.map { line($0) }.joined(separator: ", ") + "]"
    case .fields(let fields): "{" + line(fields) + "}"
    }
}

extension String {
    /// The text with the line ends of the wire.
    var wire: [UInt8] { Array(split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n").utf8) }
}

/// A message read out of its text.
func message(_ text: String) -> MessagePayload { MessagePayload(ByteSlice(text.wire)) }

/// A command with its payload, read.
func payload(_ line: String, _ text: String) throws -> Payload {
    let frame = try #require(Frame(Array("\(line)\r\n".utf8) + text.wire))
    return try #require(Payload(frame))
}
