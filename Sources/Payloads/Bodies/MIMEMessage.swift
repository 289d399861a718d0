// Splits a payload into MIME headers and body (p2p.md section 1). Bytes are decoded as text only on request.

package import MSNP

/// The header lines and body of a payload. Header names ignore case; of repeated headers the first counts.
package struct MIMEMessage: Sendable, Hashable {
    /// The bytes after the first empty line; empty if there is no such line.
    package let body: ByteSlice
    struct Header: Sendable, Hashable {
        var name: ByteSlice
        var value: ByteSlice

        /// Whether the header has this name in lower case; ignores case. Most names differ in length.
        func isNamed(_ lowercase: StaticString) -> Bool {
            name.count == lowercase.utf8CodeUnitCount && Headers.equal(name, lowercase)
        }

        func isNamed(in names: [StaticString]) -> Bool {
            for name in names where isNamed(name) { return true }
            return false
        }
    }
    let headers: [Header]

    /// The maximum number of header lines read: a profile has about thirty.
    static let mostHeaders = 200

    /// Splits a payload.
    package init(_ bytes: ByteSlice) {
        let (list, start) = Headers.list(in: bytes, most: Self.mostHeaders)
        headers = list.map { Header(name: bytes[$0.name], value: bytes[$0.value]) }
        body = bytes[start...]
    }

    /// The value of a header as bytes.
    package subscript(name: StaticString) -> ByteSlice? {
        for index in headers.indices where headers[index].isNamed(name) { return headers[index].value }
        return nil
    }

    /// The value of a header as text.
    package func text(_ name: StaticString) -> String? { self[name].map { String(decoding: $0, as: UTF8.self) } }

    /// The value of a header as a number; nil unless it has one to ten digits and nothing else.
    package func number(_ name: StaticString) -> UInt64? { self[name].flatMap { Decimal.value(of: $0) } }

    /// The media type of `Content-Type` in lower case, without parameters; empty if the header is missing.
    package var type: String {
        guard let value = self["content-type"] else { return "" }
        let name = value.prefix { $0 != 0x3B && $0 != 0x20 }.prefix(80)
        return String(decoding: name, as: UTF8.self).lowercased()
    }

    /// The character set of `Content-Type`.
    var charset: Charset? { self["content-type"].flatMap(CharsetDecoder.charset) }

    /// This message with the lines of its body appended to the headers: invitations and notices have header lines
    /// there.
    var withBody: MIMEMessage { with(MIMEMessage(body)) }

    /// This message with the headers of another message appended.
    func with(_ lines: MIMEMessage) -> MIMEMessage { MIMEMessage(headers: headers + lines.headers, body: body) }

    /// The headers of a message with another body.
    init(_ other: MIMEMessage, body: ByteSlice) { self.init(headers: other.headers, body: body) }

    private init(headers: [Header], body: ByteSlice) {
        self.headers = headers
        self.body = body
    }

    /// Adds the headers as fields, except those that other fields already represent.
    func add(
        to fields: inout FieldList, except skipped: [StaticString], and others: [StaticString] = [],
        _ charsets: CharsetDecoder
    ) {
        for header in headers where !header.isNamed(in: skipped) && !header.isNamed(in: others) {
            PayloadMeaning.add(
                FieldList.snake(header.name), EncodedWords.decode(header.value, charsets), to: &fields)
        }
    }
}
