import Output
import Testing

@Suite("Text on pages")
struct HTMLTextTests {
    @Test("markup and controls never get through")
    func escaping() {
        var bytes: [UInt8] = []
        bytes.append(html: "<script>alert(\"x\" & 'y')</script>\u{1B}[0m\u{85}é\n")
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "&lt;script&gt;alert(&quot;x&quot; &amp; &#39;y&#39;)&lt;/script&gt;\u{FFFD}[0m\u{FFFD}é\n")
    }

    private func shown(_ text: String, isAlone: Bool = false) -> String {
        var bytes: [UInt8] = []
        bytes.append(shownHTML: text, isAlone: isAlone)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("what hides or turns the direction of writing is written out")
    func hiding() {
        #expect(shown("a\u{202E}gpj.exe") == "a\\u{202e}gpj.exe")
        #expect(
            shown("<\u{2067}\u{AD}\u{E0041}\u{3164}\u{2028}\u{85}")
                == "&lt;\\u{2067}\\u{ad}\\u{e0041}\\u{3164}\\u{2028}\\u{85}")
        #expect(shown("\u{0}\r\n\u{7F}\t") == "␀␍␊␡\t")
        #expect(shown("שלום می\u{200C}خواهم 👩\u{200D}🚀 é") == "שלום می\u{200C}خواهم 👩\u{200D}🚀 é")
        #expect(shown("א\u{200F}!\u{202E}", isAlone: true) == "א\u{200F}!\\u{202e}")
        #expect(shown("א\u{200F}!") == "א\\u{200f}!")
        #expect(shown("\u{FFFF}") == "\u{FFFD}")
    }
}
