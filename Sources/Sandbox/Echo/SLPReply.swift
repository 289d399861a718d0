// Writes the answers to MSNSLP invitations (p2p.md section 4).

import MSNP
import Payloads

/// The possible answers to one invitation.
struct SLPReply {
    static let session = "application/x-msnmsgr-sessionreqbody"
    static let directLink = "application/x-msnmsgr-transreqbody"

    /// The `Call-ID`.
    let call: String
    /// The content type of the invitation, in lower case.
    let contentType: String
    private let via: String
    private let account: String
    private let sessionID: String

    /// The largest header that is repeated, in bytes; a GUID has 38.
    private static let mostHeader = 120

    /// - Parameter account: the recipient of the answer.
    /// - Returns: nil if the message has no `Call-ID` or `Via`, or too long ones.
    init?(to message: SLPMessage, account: String) {
        guard let call = message.call, let via = message.header("Via"), call.utf8.count <= Self.mostHeader,
            via.utf8.count <= Self.mostHeader
        else { return nil }
        self.call = call
        self.via = via
        self.account = account
        contentType = message.header("Content-Type")?.lowercased() ?? ""
        sessionID = message.sessionID.map { "SessionID: \($0)\r\n" } ?? ""
    }

    var accepted: [UInt8] { text("200 OK", Self.session, sessionID) }
    var declined: [UInt8] { text("603 Decline", Self.session, sessionID) }
    /// Accepts the invitation to a direct link, but does not listen: the data goes through the switchboard.
    var withoutDirectLink: [UInt8] {
        let nonce = "{00000000-0000-0000-0000-000000000000}"
        return text(
            "200 OK", "application/x-msnmsgr-transrespbody",
            "Bridge: TCPv1\r\nListening: false\r\nNonce: \(nonce)\r\n")
    }

    /// The whole answer with the NUL at its end, which counts.
    private func text(_ status: String, _ type: String, _ lines: String) -> [UInt8] {
        let body = lines + "\r\n\0"
        let headers = [
            "MSNSLP/1.0 \(status)", "To: <msnmsgr:\(account)>", "From: <msnmsgr:\(EchoContact.account)>", "Via: \(via)",
            "CSeq: 1 ", "Call-ID: \(call)", "Max-Forwards: 0", "Content-Type: \(type)",
            "Content-Length: \(body.utf8.count)", "", "",
        ]
        return Array((headers.joined(separator: "\r\n") + body).utf8)
    }
}
