// File names out of names that strangers chose.

internal import MSNP

/// A name that is safe to give to a file on any system: one component, no path, nothing hidden, nothing special.
package enum SafeName {
    /// How long a name may be in UTF-8; systems allow 255 bytes, and a number or `.incomplete` may come behind it.
    package static let mostBytes = 200
    /// How much of that an extension may be.
    private static let mostExtensionBytes = 16

    /// The name of the page that lists the others.
    package static let index = "index.html"

    /// Makes a name safe.
    ///
    /// - Parameters:
    ///   - name: what the sender called it.
    ///   - fallback: the name where nothing of it is left; it is safe itself.
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

    /// The same name with a number, for the second file of that name and those after it.
    package static func numbered(_ name: String, _ number: Int) -> String {
        guard number > 1 else { return name }
        let (stem, end) = parts(name)
        return "\(stem) (\(number))\(end)"
    }

    /// The same name with this extension instead of its own.
    static func with(extension end: String, _ name: String) -> String { "\(name).\(end)" }

    /// The name in an address: everything but letters, digits and a few signs as `%XX`.
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

    /// What a character becomes in a name; nil where it is left out.
    private static func kept(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar {
        // Separators of paths and streams, wildcards, quotes: forbidden on some system.
        case "/", "\\", ":", "*", "?", "\"", "<", ">", "|": return "_"
        default: break
        }
        switch scalar.properties.generalCategory {
        // Controls; what turns the writing direction or has no width; what is no character.
        case .control, .format, .surrogate, .privateUse, .unassigned: return nil
        case .lineSeparator, .paragraphSeparator, .spaceSeparator: return " "
        default: return scalar.properties.isDefaultIgnorableCodePoint ? nil : scalar
        }
    }

    /// Whether a system keeps this name for itself, whatever its extension: devices of Windows, and our own page.
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

    /// A name without its extension, and the extension with its dot; none where it is too long to be one.
    private static func parts(_ name: String) -> (stem: String, end: String) {
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return (name, "") }
        let end = name[dot...]
        return end.utf8.count > mostExtensionBytes ? (name, "") : (String(name[..<dot]), String(end))
    }
}
