// What is shown as a picture (attack rows 12 and 13): what its first bytes say, and what browsers can decode in little memory.

import Payloads
import Testing

@testable import Web

@Suite struct PictureTests {
    private static func png(_ width: UInt8, _ more: String = "") -> [UInt8] {
        [0x89] + "PNG\r\n\u{1A}\n".utf8 + [0, 0, 0, 13] + "IHDR".utf8 + [0, 0, width, 1, 0, 0, 0, 9, 8, 2, 0, 0, 0]
            + more.utf8
    }

    @Test func whatIsShown() {
        #expect(DataService.type(ofPicture: Self.png(0)) == .png)
        // Markup behind a picture is served as a picture, and runs nowhere.
        #expect(DataService.type(ofPicture: Self.png(0, "<script>alert(1)</script>")) == .png)
        #expect(DataService.type(ofPicture: Array("GIF89a".utf8) + [1, 0, 1, 0, 0, 0, 0, 0x3B]) == .gif)
    }

    @Test func whatIsNot() {
        // 59,905 pixels wide.
        #expect(DataService.type(ofPicture: Self.png(0xEA)) == nil)
        #expect(DataService.type(ofPicture: Self.png(0, String(repeating: " ", count: 2 << 20))) == nil)
        for text in ["<!DOCTYPE html>", "<svg xmlns='http://www.w3.org/2000/svg'/>", "", "GIF89a", "BM", "MSCF", "CWS"]
        {
            #expect(DataService.type(ofPicture: Array(text.utf8)) == nil, "\(text)")
        }
    }
}
