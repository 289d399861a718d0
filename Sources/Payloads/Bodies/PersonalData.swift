// Parses the personal data of an account: the XML payload of UUX and UBX (MSNP11 and later; p2p.md section 7).

/// A personal message, the current media, and the endpoints at which the account is signed in.
package struct PersonalData: Sendable, Hashable {
    /// `PSM`: the personal message.
    package var message: String?
    /// `CurrentMedia`: the media being played.
    package var media: Media?
    /// `MachineGuid`.
    package var machine: String?
    /// The endpoints (MSNP16 and later); in UUX the sending endpoint only.
    package var endpoints: [Endpoint] = []
    private var rest = FieldList()

    /// A parsed `Winamp\0Music\01\0{0} - {1}\0Title\0Artist\0`: application, kind, whether it is displayed, format,
    /// parts.
    package struct Media: Sendable, Hashable {
        /// The program that plays it; usually empty.
        package var application: String
        /// `Music`, `Games` or `Office`.
        package var kind: String
        /// Whether it is displayed now.
        package var isShown: Bool
        /// The format, with `{0}`, `{1}` … as placeholders for the parts.
        package var format: String
        /// The values of the placeholders, such as title and artist.
        package var parts: [String]

        /// The text that contacts see: the format with its placeholders replaced.
        package var text: String {
            var text = ""
            var rest = format[...]
            while let brace = rest.firstIndex(of: "{") {
                text += rest[..<brace]
                let number = rest[brace...].dropFirst().prefix(2).prefix { $0.isASCII && $0.isNumber }
                let behind = rest[number.endIndex...]
                if let index = Int(number), parts.indices.contains(index), behind.first == "}" {
                    text += parts[index]
                    rest = behind.dropFirst()
                } else {
                    text += "{"
                    rest = rest[brace...].dropFirst()
                }
            }
            return text + rest
        }

        /// The maximum number of parts and characters read; clients display about a hundred characters.
        private static let mostParts = 20
        private static let longest = 2_000

        init?(_ written: String) {
            var parts: [String] = []
            var current = ""
            var isEscape = false
            // The separator is the two characters backslash and zero.
            for letter in written.prefix(Self.longest) {
                if isEscape, letter == "0" {
                    parts.append(current)
                    current = ""
                    isEscape = false
                    continue
                }
                if isEscape { current.append("\\") }
                isEscape = letter == "\\"
                if !isEscape { current.append(letter) }
            }
            if isEscape { current.append("\\") }
            // The last part also ends with a separator.
            if !current.isEmpty || parts.count < 4 { parts.append(current) }
            guard parts.count > 3 else { return nil }
            application = parts[0]
            kind = parts[1]
            isShown = parts[2] == "1"
            format = String(parts[3].prefix(200))
            self.parts = Array(parts.dropFirst(4).prefix(Self.mostParts))
        }
    }

    /// An endpoint at which the account is signed in.
    package struct Endpoint: Sendable, Hashable {
        /// `id`, a GUID in braces; nil for the sending endpoint.
        package var id: String?
        /// `Capabilities`: two numbers separated by a colon.
        package var capabilities: String?
        /// `EpName`, `State`, `Idle`, `ClientType`: sent to the account's own endpoints only.
        package var details: [Field]

        var fields: [Field] {
            var fields = FieldList()
            fields.add("id", id)
            if let capabilities { PayloadMeaning.add("capabilities", capabilities, to: &fields) }
            for field in details { fields.add(field.name, field.value) }
            return fields.all
        }
    }

    /// The maximum number of endpoints read.
    private static let mostEndpoints = 100

    init(_ document: XML) {
        // `<Data>` contains all elements from MSNP11 on; endpoints are inside it or beside it.
        for element in document.children.flatMap({ $0.isNamed("Data") ? $0.children : [$0] }) {
            if element.isNamed("PSM") {
                message = element.text
            } else if element.isNamed("CurrentMedia") {
                media = Media(element.text)
                if media == nil, !element.text.isEmpty { rest.add("media", element.text) }
            } else if element.isNamed("MachineGuid") {
                machine = element.text
            } else if element.isNamed("EndpointData") || element.isNamed("PrivateEndpointData") {
                guard endpoints.count < Self.mostEndpoints else { continue }
                var details = FieldList()
                for child in element.children where !child.isNamed("Capabilities") {
                    PayloadMeaning.add(FieldList.snake(child.name), child.text, to: &details)
                }
                endpoints.append(
                    Endpoint(
                        id: element[attribute: "id"], capabilities: element.text(of: "Capabilities"),
                        details: details.all))
            } else {
                PayloadMeaning.add(FieldList.snake(element.name), element.text, to: &rest)
            }
        }
    }

    /// The personal data as named fields.
    package var fields: [Field] {
        var fields = FieldList()
        fields.add("personal_message", message)
        if let media {
            if !media.application.isEmpty { fields.add("media_application", media.application) }
            fields.add("media_kind", media.kind)
            fields.add("media_shown", .flag(media.isShown))
            fields.add("media", media.text)
            fields.add("media_format", media.format)
            fields.add("media_parts", .list(media.parts.map { .text($0) }))
        }
        fields.add("machine", machine)
        if !endpoints.isEmpty { fields.add("endpoints", .list(endpoints.map { .fields($0.fields) })) }
        for field in rest.all { fields.add(field.name, field.value) }
        return fields.all
    }
}
