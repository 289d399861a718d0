// Embeds pictures in an HTML page, each once, however often it is shown.

internal import Events
internal import Output

/// Writes a CSS rule for each picture when it is first shown; the elements that show it have the rule's class.
///
/// The rules are in `svg` elements, because the body of a page allows `style` elements there.
struct PagePictures {
    private let find: ChatHTML.Pictures
    private var classes: [String: Int] = [:]

    /// The largest number of pictures in one page.
    private static let most = 20_000
    private static let types = ["png", "gif", "jpeg", "bmp"].map { "data:image/\($0);base64," }

    init(_ find: @escaping ChatHTML.Pictures) { self.find = find }

    /// Writes the rules of those pictures that are found and not yet in the page.
    mutating func prepare(_ digests: [String], _ bytes: inout [UInt8]) {
        for digest in digests where classes[digest] == nil && classes.count < Self.most {
            guard let address = find(digest), Self.isImage(address) else { continue }
            let number = classes.count + 1
            classes[digest] = number
            bytes.append(plain: "<svg><style>.e")
            bytes += "\(number){background-image:url(".utf8
            bytes += address.utf8
            bytes.append(plain: ")}</style></svg>\n")
        }
    }

    /// The number of a picture's class; nil if the page does not have it.
    func number(of digest: String) -> Int? { classes[digest] }

    /// Appends an element that shows a picture, with its text for screen readers and for copying.
    static func append(_ number: Int, for text: String, isLarge: Bool = false, _ bytes: inout [UInt8]) {
        bytes.append(plain: isLarge ? "<i class=\"large e" : "<i class=\"e")
        bytes += "\(number)\" role=\"img\" aria-label=\"".utf8
        bytes.append(shownHTML: text)
        bytes.append(plain: "\">")
        bytes.append(shownHTML: text)
        bytes.append(plain: "</i>")
    }

    /// Whether an address is a base64 `data:` image and contains nothing that could end the CSS `url()`.
    private static func isImage(_ address: String) -> Bool {
        guard let type = types.first(where: { address.hasPrefix($0) }) else { return false }
        return address.utf8.dropFirst(type.utf8.count).allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F, 0x3D: true
            default: false
            }
        }
    }
}
