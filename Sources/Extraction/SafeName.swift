// Makes safe file names from names that peers chose.

internal import MSNP

/// Makes names that are safe on any system: one path component, not hidden, not reserved.
package enum SafeName {
    /// The longest name in bytes of UTF-8. Systems allow 255; a number or `.incomplete` may be appended.
    package static let mostBytes = 200
    /// The longest extension in bytes, with its dot.
    private static let mostExtensionBytes = 16

    /// The name of the page that lists the files.
    package static let index = "index.html"

    /// Makes a name safe.
    ///
    /// - Parameters:
    ///   - name: the name that the sender chose.
    ///   - fallback: the result if nothing of the name is left; must be safe itself.
    package static func of(_ name: String, or fallback: String = "file") -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in name.unicodeScalars.prefix(4 * mostBytes) {
            if let kept = kept(scalar) { scalars.append(kept) }
        }
        while let first = scalars.first, first == "." || first == " " { scalars.removeFirst() }
        while let last = scalars.last, last == "." || last == " " { scalars.removeLast() }
        if let first = scalars.first, first == "-" || first == "~" {
            scalars.removeFirst()
            scalars.insert("_", at: scalars.startIndex)
        }
        let clean = String(scalars)
        if clean.isEmpty || clean.unicodeScalars.allSatisfy({ $0 == "_" }) { return fallback }
        return shortened(isReserved(clean) ? "_" + clean : clean)
    }

    /// The name with a number before its extension, from the second file of that name on.
    package static func numbered(_ name: String, _ number: Int) -> String {
        guard number > 1 else { return name }
        let (stem, end) = parts(name)
        return "\(stem) (\(number))\(end)"
    }

    /// The name in a URL: everything but letters, digits, `-`, `.` and `_` as `%XX`.
    static func inAddress(_ name: String) -> String {
        var text = ""
        for byte in name.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F:
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                text += String(decoding: PercentEncoding.triple(byte), as: UTF8.self)
            }
        }
        return text
    }

    /// Whether a browser that opens a file of this name runs nothing of it, by its extension: pictures, sound, films,
    /// plain text, documents and archives. Browsers look into files of other names, and may take them for pages.
    static func isPassive(_ name: String) -> Bool {
        name.lastIndex(of: ".").map { passiveExtensions.contains(name[name.index(after: $0)...].lowercased()) } ?? false
    }

    private static let passiveExtensions: Set<String> = [
        "png", "gif", "jpg", "jpeg", "bmp", "webp", "ico", "txt", "log", "mp3", "wav", "ogg", "wma", "mid", "avi",
        "wmv",
        "mpg", "mpeg", "mp4", "mov", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "rtf", "zip", "rar", "7z",
        "cab",
    ]

    /// The character to use in a name; nil to leave it out.
    private static func kept(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar {
        // Separators of paths and streams, wildcards, quotes: each is forbidden on some system.
        case "/", "\\", ":", "*", "?", "\"", "<", ">", "|": return "_"
        default: break
        }
        switch scalar.properties.generalCategory {
        // Control characters, characters without width or that change the writing direction, unassigned code points.
        case .control, .format, .surrogate, .privateUse, .unassigned: return nil
        case .lineSeparator, .paragraphSeparator, .spaceSeparator: return " "
        default: return scalar.properties.isDefaultIgnorableCodePoint ? nil : scalar
        }
    }

    /// Whether a name is reserved: Windows devices, with any extension, and the program's own page.
    private static func isReserved(_ name: String) -> Bool {
        let lower = name.lowercased()
        if lower == index { return true }
        var stem = lower.prefix { $0 != "." }
        while stem.last == " " { stem.removeLast() }
        if ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"].contains(String(stem)) { return true }
        guard stem.count == 4, stem.hasPrefix("com") || stem.hasPrefix("lpt"), let last = stem.last else {
            return false
        }
        return "0123456789¹²³".contains(last)
    }

    private static func shortened(_ name: String) -> String {
        guard name.utf8.count > mostBytes else { return name }
        let (stem, end) = parts(name)
        var scalars = stem.unicodeScalars
        while scalars.count > 1, String(scalars).utf8.count + end.utf8.count > mostBytes {
            scalars.removeLast()
        }
        while scalars.count > 1, scalars.last == " " || scalars.last == "." { scalars.removeLast() }
        return String(scalars) + end
    }

    /// A name without its extension, and the extension with its dot. The extension is empty if it is too long to be
    /// one.
    private static func parts(_ name: String) -> (stem: String, end: String) {
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return (name, "") }
        let end = name[dot...]
        return end.utf8.count > mostExtensionBytes ? (name, "") : (String(name[..<dot]), String(end))
    }
}
