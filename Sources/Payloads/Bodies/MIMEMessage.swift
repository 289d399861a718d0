// Headers and body, as MIME has them (p2p.md section 1): nothing in them is text until somebody asks.

internal import MSNP

/// A payload cut into header lines and body. Names compare without case; the first of several counts.
package struct MIMEMessage: Sendable, Hashable {
    /// What stands behind the first empty line; empty where there is none.
    package let body: ArraySlice<UInt8>
    /// A header's name and value.
    struct Header: Sendable, Hashable {
        var name: ArraySlice<UInt8>
        var value: ArraySlice<UInt8>
    }
    let headers: [Header]

    /// How many header lines are read: a profile has some thirty.
    static let mostHeaders = 200

    /// Cuts a payload.
    package init(_ bytes: ArraySlice<UInt8>) {
        let (list, start) = Headers.list(in: bytes, most: Self.mostHeaders)
        headers = list.map { Header(name: bytes[$0.name], value: bytes[$0.value]) }
        body = bytes[start...]
    }

    /// The bytes of a header.
    package subscript(name: StaticString) -> ArraySlice<UInt8>? {
        for index in headers.indices where Headers.equal(headers[index].name, name) { return headers[index].value }
        return nil
    }

    /// A header as text.
    package func text(_ name: StaticString) -> String? { self[name].map { String(decoding: $0, as: UTF8.self) } }

    /// A header as number; nil for anything but up to ten digits.
    package func number(_ name: StaticString) -> UInt64? { self[name].flatMap { Decimal.value(of: $0) } }

    /// What `Content-Type` names, in lower case, without parameters; empty where there is none.
    package var type: String {
        guard let value = self["content-type"] else { return "" }
        let name = value.prefix { $0 != 0x3B && $0 != 0x20 }.prefix(80)
        return String(decoding: name, as: UTF8.self).lowercased()
    }

    /// The character set that `Content-Type` names.
    var charset: Charset? { self["content-type"].flatMap(CharsetDecoder.charset) }

    /// The headers and those lines of the body that look like some: invitations and notices have theirs there.
    var withBody: MIMEMessage { with(MIMEMessage(body)) }

    /// The same message with the headers of another one behind its own.
    func with(_ lines: MIMEMessage) -> MIMEMessage { MIMEMessage(headers: headers + lines.headers, body: body) }

    /// The same headers before another body.
    init(_ other: MIMEMessage, body: ArraySlice<UInt8>) { self.init(headers: other.headers, body: body) }

    private init(headers: [Header], body: ArraySlice<UInt8>) {
        self.headers = headers
        self.body = body
    }

    /// Adds the headers by name, but for those that were said already.
    func add(to fields: inout FieldList, except told: [StaticString] = [], _ charsets: CharsetDecoder) {
        for header in headers where !told.contains(where: { Headers.equal(header.name, $0) }) {
            PayloadMeaning.add(
                FieldList.snake(String(decoding: header.name, as: UTF8.self)),
                TransferEncoding.words(header.value, charsets), to: &fields)
        }
    }
}
