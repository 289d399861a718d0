// Invitations of the old kind: `text/x-msmsgsinvite` (p2p.md section 5).

package import MSNP

/// An invitation to a file transfer, a call or a program, or an answer to one.
package struct InviteMessage: Sendable, Hashable {
    /// What is done with it.
    package var command: Command
    /// `Invitation-Cookie`: the number that all messages about it share.
    package var cookie: String
    /// `Application-Name`, in the first message.
    package var application: String?
    /// `Application-GUID`.
    package var applicationID: String?
    /// `Application-File`: the name of the file that is offered.
    package var file: String?
    /// `Application-FileSize`.
    package var fileSize: UInt64?
    /// `Cancel-Code`: why it was cancelled.
    package var cancelCode: String?
    /// `AuthCookie`: what the two say on the file's own connection, so that they know each other.
    package var authCookie: String?
    /// `IP-Address` and its kin, with `Port`: where the file's own connection leads to.
    package var addresses: [HostPort]

    /// `Invitation-Command`.
    package enum Command: Sendable, Hashable {
        /// `INVITE`.
        case invite
        /// `ACCEPT`.
        case accept
        /// `CANCEL`.
        case cancel
        /// Any other word.
        case other(String)
    }

    /// The application of files.
    package static let fileTransfer = "{5D3E02AB-6190-11D3-BBBB-00C04F795683}"

    /// Whether a file is offered.
    package var isFile: Bool { file != nil || applicationID?.uppercased() == Self.fileTransfer }

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
