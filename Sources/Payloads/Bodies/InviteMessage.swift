// Parses invitations before MSNSLP: content type `text/x-msmsgsinvite` (p2p.md section 5).

package import MSNP

/// An invitation to a file transfer, a call or a program, or the response to one.
package struct InviteMessage: Sendable, Hashable {
    /// The step of the invitation.
    package var command: Command
    /// `Invitation-Cookie`: the number that all messages of one invitation share.
    package var cookie: String
    /// `Application-Name`, in the first message.
    package var application: String?
    /// `Application-GUID`.
    package var applicationID: String?
    /// `Application-File`: the name of the offered file.
    package var file: String?
    /// `Application-FileSize`, in bytes.
    package var fileSize: UInt64?
    /// `Cancel-Code`: the reason of a cancellation.
    package var cancelCode: String?
    /// `AuthCookie`: authenticates both sides on the connection that carries the file.
    package var authCookie: String?
    /// `IP-Address` and `IP-Address-Internal` with `Port`: the addresses for the connection that carries the file.
    package var addresses: [HostPort]

    /// `Invitation-Command`.
    package enum Command: Sendable, Hashable {
        /// `INVITE`.
        case invite
        /// `ACCEPT`.
        case accept
        /// `CANCEL`.
        case cancel
        /// Any other value.
        case other(String)
    }

    /// The `Application-GUID` of file transfers.
    package static let fileTransfer = "{5D3E02AB-6190-11D3-BBBB-00C04F795683}"

    /// Whether a file is offered.
    package var isFile: Bool { file != nil || applicationID?.uppercased() == Self.fileTransfer }

    /// Parses the payload of a `MSG` with this content type.
    package init(payload: ByteSlice, charsets: CharsetDecoder) {
        self.init(MIMEMessage(payload).withBody, charsets)
    }

    init(_ lines: MIMEMessage, _ charsets: CharsetDecoder) {
        func text(_ name: StaticString) -> String? {
            lines[name].map { charsets.text($0, declared: lines.charset) }
        }
        switch text("invitation-command")?.uppercased() {
        case "INVITE": command = .invite
        case "ACCEPT": command = .accept
        case "CANCEL": command = .cancel
        case let word: command = .other(word ?? "")
        }
        cookie = text("invitation-cookie") ?? ""
        application = text("application-name")
        applicationID = text("application-guid")
        file = text("application-file")
        fileSize = lines.number("application-filesize")
        cancelCode = text("cancel-code")
        authCookie = text("authcookie")
        let port = lines.number("port").flatMap { UInt16(exactly: $0) }
        addresses =
            port.map { port in
                [text("ip-address"), text("ip-address-internal")].compactMap { $0 }.filter { !$0.isEmpty }
                    .map { HostPort($0, port) }
            } ?? []
    }
}
