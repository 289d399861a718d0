// The pictures of a page: each stands in it once, however often it is shown.

internal import Events
internal import Output

/// Writes a rule of style for each picture when it is first shown; what shows it bears the rule's class.
///
/// The rules stand in `svg` elements, where a page's body may have them.
struct PagePictures {
    private let find: ChatHTML.Pictures
    private var classes: [String: Int] = [:]

    /// How many pictures one page has.
    private static let most = 20_000
    private static let types = ["png", "gif", "jpeg", "bmp"].map { "data:image/\($0);base64," }

    init(_ find: @escaping ChatHTML.Pictures) { self.find = find }

    /// Makes sure that the page has these pictures, as far as they were found.
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

    /// The class of a picture that the page has.
    func number(of digest: String) -> Int? { classes[digest] }

    /// Appends a picture with the text that it stands for, which is read aloud and copied.
    static func append(_ number: Int, for text: String, isLarge: Bool = false, _ bytes: inout [UInt8]) {
        bytes.append(plain: isLarge ? "<i class=\"large e" : "<i class=\"e")
        bytes += "\(number)\" role=\"img\" aria-label=\"".utf8
        bytes.append(shownHTML: text)
        bytes.append(plain: "\">")
        bytes.append(shownHTML: text)
        bytes.append(plain: "</i>")
    }

    /// Only images that are in the address itself, and nothing else that could stand in a style.
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
