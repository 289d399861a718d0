// Pictures for pages: only what is what its description says, and only so much.

import MSNP
import Messages
import Testing
import Transcript

@testable import Extraction

@Suite struct PicturesTests {
    /// What Ann sends to Bob: the same picture as picture and as forged emoticon, and something that is none.
    private func pictures(inAll: Int = 1 << 20) throws -> (Pictures, [MSNObject]) {
        var pictures = Pictures(inAll: inAll)
        let scratch = try Scratch()
        var stage = Stage(try OutputFolder(scratch.path("out"))) { _ in true }
        stage.overhear = { pictures.take($0) }
        let texts = [
            ExtractorTests.object(ExtractorTests.png), ExtractorTests.object(ExtractorTests.png, isForged: true),
            ExtractorTests.object(Array("<script>".utf8)),
        ]
        let data = [ExtractorTests.png, ExtractorTests.png, Array("<script>".utf8)]
        for (index, text) in texts.enumerated() {
            try stage.ask(text, session: UInt32(index + 1))
            try stage.send(data[index], session: UInt32(index + 1))
        }
        return (pictures, texts.compactMap { MSNObject(plain: Array($0.utf8)[...]) })
    }

    @Test func onlyWhatHasItsDigestAndIsAPicture() throws {
        let (pictures, objects) = try pictures()
        #expect(objects.count == 3)
        #expect(pictures.picture(of: objects[0])?.bytes == ExtractorTests.png)
        #expect(pictures.picture(of: objects[0])?.mediaType == "image/png")
        #expect(pictures.picture(of: objects[1]) == nil && pictures.picture(of: objects[2]) == nil)
    }

    @Test func onlySoMuch() throws {
        let (pictures, objects) = try pictures(inAll: 1_000)
        #expect(pictures.picture(of: objects[0]) == nil)
    }
}
