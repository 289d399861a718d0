// Names of files out of names that strangers chose.

import Testing

@testable import Extraction

@Suite struct SafeNameTests {
    @Test(arguments: [
        ("photo.jpg", "photo.jpg"), ("Résumé 🦋.doc", "Résumé 🦋.doc"), ("你好.txt", "你好.txt"),
        ("../../etc/passwd", "_.._etc_passwd"), ("/etc/passwd", "_etc_passwd"), ("C:\\autoexec.bat", "C__autoexec.bat"),
        ("..", "file"), (".", "file"), ("", "file"), ("   ", "file"), ("///", "file"), (".bashrc", "bashrc"),
        ("...hidden", "hidden"), ("-rf", "_rf"), ("~root", "_root"), ("a\u{0}b\n\r\u{1B}[31m.txt", "ab[31m.txt"),
        ("gpj.\u{202E}exe.txt", "gpj.exe.txt"), ("a\u{200B}\u{FEFF}\u{2066}b", "ab"), ("a\u{2028}b", "a b"),
        ("CON", "_CON"), ("con.txt", "_con.txt"), ("Lpt1.tar.gz", "_Lpt1.tar.gz"), ("COM\u{B9}", "_COM\u{B9}"),
        ("NUL .txt", "_NUL .txt"), ("console.txt", "console.txt"), ("com10", "com10"), ("name. . .", "name"),
        ("index.html", "_index.html"), ("INDEX.HTML", "_INDEX.HTML"), ("a:b", "a_b"), ("a*?<>|\"b", "a______b"),
    ])
    func examples(_ name: String, _ safe: String) {
        #expect(SafeName.of(name) == safe)
    }

    @Test func longNamesKeepTheirExtension() {
        let name = SafeName.of(String(repeating: "ü", count: 500) + ".jpeg")
        #expect(name.utf8.count <= SafeName.mostBytes && name.hasSuffix("ü.jpeg"))
        let end = SafeName.of("a." + String(repeating: "x", count: 500))
        #expect(end.utf8.count <= SafeName.mostBytes)
    }

    @Test func numbers() {
        #expect(SafeName.numbered("a.jpg", 1) == "a.jpg")
        #expect(SafeName.numbered("a.jpg", 2) == "a (2).jpg")
        #expect(SafeName.numbered("a", 3) == "a (3)")
    }

    @Test func addresses() {
        #expect(SafeName.inAddress("a b#?%\"<ü.png") == "a%20b%23%3F%25%22%3C%C3%BC.png")
        #expect(SafeName.inAddress("javascript:x").hasPrefix("javascript%3A"))
    }

    /// Whatever the name: one component of bounded length, nothing hidden, and safe once more when it is made safe again.
    @Test func anyNameIsSafe() {
        var numbers = SystemRandomNumberGenerator()
        let alphabet: [Unicode.Scalar] = [
            ".", "/", "\\", ":", " ", "-", "~", "c", "o", "n", "1", "\u{0}", "\n", "\u{202E}", "\u{200D}", "\u{FEFF}",
            "\u{E0041}", "\u{7F}", "\u{85}", "ü", "🦋", "\u{301}", "<", "\"", "%", "\u{D7FF}", "\u{FFFF}", "x",
        ]
        for round in 0..<1_000 {
            var scalars = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...(round % 50 == 0 ? 2_000 : 12), using: &numbers) {
                if Bool.random(using: &numbers) {
                    scalars.append(alphabet.randomElement(using: &numbers) ?? "x")
                } else {
                    scalars.append(Unicode.Scalar(UInt32.random(in: 0..<0xD800, using: &numbers)) ?? "x")
                }
            }
            let name = SafeName.of(String(scalars))
            #expect(!name.isEmpty && name.utf8.count <= SafeName.mostBytes)
            #expect(name != "." && name != ".." && !name.hasPrefix(".") && !name.hasPrefix("-"))
            #expect(!name.hasSuffix(".") && !name.hasSuffix(" "))
            let isSafe = name.unicodeScalars.allSatisfy { scalar in
                !["/", "\\", ":", "*", "?", "\"", "<", ">", "|"].contains(scalar)
                    && ![.control, .format, .privateUse, .unassigned].contains(scalar.properties.generalCategory)
            }
            #expect(isSafe, "\(Array(name.unicodeScalars))")
            #expect(SafeName.of(name) == name)
        }
    }
}
