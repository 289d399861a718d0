// XML that is right, XML that is wrong, and XML that is meant to hurt.

import MSNP
import Payloads
import Testing

@Suite struct XMLTests {
    private func read(_ text: String) -> XML { XML.document(ByteSlice(text.utf8)) }
    private func fields(_ text: String) -> String { line(read(text).fields) }

    @Test(arguments: [
        (
            "<a b='1' c=\"2&lt;\" d=3><e>x</e><e/>y &amp; &#65;&#x42;&quot;</a>",
            "a={b=1, c=2<, d=3, e=x, e_2=, text=y & AB\"}"
        ),
        ("<?xml version='1.0'?><!DOCTYPE a><!-- <b> --><a><![CDATA[<&amp;]]></a>", "a=<&amp;"),
        // Unknown entities define nothing.
        ("<a>&foo; &#xD800; &#99999999; & &amp</a>", "a=&foo; &#xD800; &#99999999; & &amp"),
        // Never closed, closed twice, closed crosswise.
        ("<a><b>x", "a={b=x}"), ("</x><a>y</a></a>", "a=y"), ("<a><b>x</a>y</b>", "a={b=x}, text=y"),
        ("<a b", "a={b=}"), ("<a b='x", "a={b=x}"), ("<", "text=<"), ("<>", "text=<>"), ("1 < 2", "text=1 < 2"),
        ("<a><![CDATA[x", "a=x"), ("<!--", ""), ("<a / >x", "a=, text=x"), ("", ""),
    ])
    func reads(_ sample: (xml: String, fields: String)) { #expect(fields(sample.xml) == sample.fields) }

    @Test func noEntityGrows() {
        let bomb = "<!DOCTYPE a [<!ENTITY x \"aaaa\"><!ENTITY y \"&x;&x;\">]><a>&y;&y;</a>"
        #expect(read(bomb).text(of: "a") == "&y;&y;")
        #expect(read("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a>1</a>").text(of: "a") == "1")
    }

    @Test func depthIsLimited() {
        let deep = read(
            String(repeating: "<a>", count: 200_000) + "x" + String(repeating: "</a>", count: 200_000) + "<b/>")
        var depth = 0
        var element = deep.first("a")
        while let inner = element {
            depth += 1
            element = inner.first("a")
        }
        #expect(depth == 32)
        // The count is spent by then; what is left is not read.
        #expect(deep.first("b") == nil)
        let some = read(String(repeating: "<a>", count: 100) + String(repeating: "</a>", count: 100) + "<b>y</b>")
        #expect(some.text(of: "b") == "y")
    }

    @Test func numbersAreLimited() {
        #expect(read(String(repeating: "<a/>", count: 100_000)).children.count == 20_000)
        let attributes = (0..<1_000).map { "a\($0)='1'" }.joined(separator: " ")
        #expect(read("<a \(attributes)/>").children.first?.attributes.count == 64)
        #expect(read("<\(String(repeating: "n", count: 5_000))/>").children.first?.name.utf8.count == 128)
    }

    @Test(arguments: [
        ("hello", 0), ("<a></b>", 3), ("<a><b></a>", 6), ("<a>x</a>y", 8), ("<a x></a>", 3), ("<a>< /a>", 3),
        ("<!-- ", 0),
        ("<a", 0), ("", 0), ("  \0", 3), ("<a/></a>", 4), ("<a b='1'c></a>", 8),
    ])
    func brokenXMLIsFoundWhereItBreaks(_ text: String, _ byte: Int) {
        #expect(XMLCheck.fault(in: ByteSlice(text.utf8))?.byte == byte)
        // Wherever it lies.
        #expect(XMLCheck.fault(in: ByteSlice("<x/>\(text)".utf8).dropFirst(4))?.byte == byte)
        // A byte order mark is no text.
        #expect(XMLCheck.fault(in: ByteSlice("\u{FEFF}\(text)".utf8))?.byte == byte + 3)
    }
}
