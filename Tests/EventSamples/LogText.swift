// Events as lines of the log.

package import Events
internal import Output

/// An event as text, without the line of its date.
package func logText(_ event: Event, detail: Int = 1, secrets: Bool = false, colors: Bool = false) -> String {
    var presentation = Presentation()
    presentation.detail = detail
    presentation.showsSecrets = secrets
    presentation.colors = colors
    var format = TextFormat(presentation)
    var bytes: [UInt8] = []
    format.append(event, to: &bytes)
    bytes = []
    format.append(event, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
}
