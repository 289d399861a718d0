import Testing
import Transcript

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
}
