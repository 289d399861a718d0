// The document and its scripts and styles, from the table that tools/make-assets wrote.

import MSNP

#if DEBUG
    import Glibc
#endif

/// One file of the page.
struct Asset: Sendable {
    /// The file in `web/`.
    let file: String
    /// The name under which it is served: with its digest, so that browsers may keep it.
    let name: String
    let type: String
    /// SHA-256 of the contents, in hexadecimal digits.
    let digest: String
    let text: StaticString

    var bytes: [UInt8] { text.withUTF8Buffer { Array($0) } }
}

/// Serves them.
enum PageAssets {
    private static let byName = Dictionary(assets.map { ($0.name, $0) }) { first, _ in first }
    private static let shell = assets.first { $0.file == "index.html" }

    /// The document. It is the same for all views.
    static func shell(ifNoneMatch: String?) -> Answer {
        #if DEBUG
            if let folder = AssetFolder.path, let bytes = AssetFolder.read("index.html", in: folder) {
                return page(bytes)
            }
        #endif
        guard let shell else { return .error(.notFound) }
        return page(shell.bytes).tagged(ifNoneMatch: ifNoneMatch)
    }

    private static func page(_ bytes: [UInt8]) -> Answer {
        Answer(type: "text/html; charset=utf-8", body: .bytes(bytes), caching: .checked, isPage: true)
    }

    /// A script, style or picture.
    static func asset(_ name: String) -> Answer {
        #if DEBUG
            if let folder = AssetFolder.path, let type = AssetFolder.type(of: name),
                let bytes = AssetFolder.read(name, in: folder)
            {
                return Answer(type: type, body: .bytes(bytes), caching: .checked)
            }
        #endif
        guard let asset = byName[name], asset.file != "index.html" else { return .error(.notFound) }
        return Answer(type: asset.type, body: .bytes(asset.bytes), caching: .forever)
    }
}

#if DEBUG
    /// A folder with the sources of the page, for whoever works on them.
    enum AssetFolder {
        static let path = getenv("BUTTERFLYNET_WEB_ASSETS").map { String(cString: $0) }

        /// The media type of a plain name; nil for any other.
        static func type(of name: String) -> String? {
            guard name.utf8.allSatisfy({ isPlain($0) }), !name.hasPrefix(".") else { return nil }
            switch name.split(separator: ".").last {
            case "js": return "text/javascript; charset=utf-8"
            case "css": return "text/css; charset=utf-8"
            case "svg": return "image/svg+xml"
            case "png": return "image/png"
            default: return nil
            }
        }

        private static func isPlain(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
            default: false
            }
        }

        static func read(_ name: String, in folder: String) -> [UInt8]? {
            guard let file = fopen("\(folder)/\(name)", "re") else { return nil }
            defer { fclose(file) }
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while bytes.count < 1 << 22 {
                let count = fread(&buffer, 1, buffer.count, file)
                if count == 0 { break }
                bytes += buffer[..<count]
            }
            return bytes
        }
    }
#endif
