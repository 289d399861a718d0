// The streams that are measured: what clients and servers of the MSNP12 time say, in invented words.

import MSNP

/// A kind of traffic.
enum Mix: String, CaseIterable {
    /// Everything below, one after the other.
    case mixed
    /// Sign-in, lists and presence: lines of 20 to 300 bytes, few payloads.
    case notification = "sign-in, lists, presence"
    /// A chat: messages of 40 to 300 bytes with their acknowledgements.
    case chat
    /// A picture in chunks: 1202 bytes and a header of 48 for each message.
    case chunks = "p2p chunks"

    /// So many bytes of it, cut at the end of a command.
    func stream(from side: Side, bytes: Int) -> [UInt8] {
        let unit = unit(from: side)
        var stream: [UInt8] = []
        stream.reserveCapacity(bytes + unit.count)
        while stream.count < bytes { stream += unit }
        return stream
    }

    private func unit(from side: Side) -> [UInt8] {
        switch self {
        case .mixed: return [Mix.notification, .chat, .chunks].flatMap { $0.unit(from: side) }
        case .notification: return Array((side == .server ? serverSignIn() : clientSignIn()).utf8)
        case .chat: return (0..<40).flatMap { chat($0, from: side) }
        case .chunks: return (0..<12).flatMap { chunk($0, from: side) }
        }
    }

    private func serverSignIn() -> String {
        let profile =
            "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsprofile; charset=UTF-8\r\nLoginTime: 1726321960\r\n\r\n"
        var text =
            "VER 1 MSNP12\r\nCVR 2 7.0.0777 7.0.0777 6.2.0205 http://download.example.net/ http://info.example.net/\r\n"
        text += "USR 3 OK ann@example.com 1 0\r\nMSG Hotmail Hotmail \(profile.utf8.count)\r\n\(profile)"
        text += "SYN 4 2005-04-23T18:57:44.8130000-07:00 2005-04-23T18:57:54.2070000-07:00 40 3\r\nGTC A\r\nBLP AL\r\n"
        for contact in 0..<40 {
            text += "LST N=contact\(contact)@example.com F=A%20Friend%20\(contact) "
            text += "C=d6deeacd-7849-4de4-93c5-d130915d0042 11 1 57cfb9f7-5b45-40c8-b7ba-9d7f1b0b4a6e\r\n"
        }
        let picture =
            "%3Cmsnobj%20Creator%3D%22bob%40example.com%22%20Size%3D%2224539%22%20Type%3D%223%22%20Location%3D%22a.tmp%22%2F%3E"
        let status = "<Data><PSM>lunch &amp; tea</PSM><CurrentMedia></CurrentMedia></Data>"
        for contact in 0..<30 {
            text += "NLN AWY contact\(contact)@example.com A%20Friend%20\(contact) 268435492 \(picture)\r\n"
            text += "UBX contact\(contact)@example.com \(status.utf8.count)\r\n\(status)"
            text += contact % 3 == 0 ? "FLN contact\(contact)@example.com\r\n" : "QNG 50\r\n"
        }
        return text + "CHL 0 15570131571988941333\r\nQRY 10\r\n"
    }

    private func clientSignIn() -> String {
        var text = "VER 1 MSNP12 CVR0\r\nCVR 2 0x0409 winnt 5.1 i386 MSNMSGR 7.0.0777 MSMSGS ann@example.com\r\n"
        text += "USR 3 TWN I ann@example.com\r\nSYN 4 0 0\r\n"
        for count in 0..<30 {
            text += "CHG \(count) NLN 268435492\r\nPNG\r\nADC \(count) FL N=dave@example.com F=dave@example.com\r\n"
            text += "QRY \(count) PROD0038W!61ZTF9 32\r\n8f2f5a91b72102cd28355e9fc9000d6e"
            text += "UUX \(count) 58\r\n<Data><PSM>hello</PSM><CurrentMedia></CurrentMedia></Data>"
        }
        return text
    }

    private func chat(_ number: Int, from side: Side) -> [UInt8] {
        let words = String(repeating: "some words of a chat ", count: number % 10)
        let body = "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n\(words)"
        return side == .client
            ? Array("MSG \(number) A \(body.utf8.count)\r\n\(body)".utf8)
            : Array("MSG bob@example.com Bob%20B \(body.utf8.count)\r\n\(body)ACK \(number)\r\n".utf8)
    }

    private func chunk(_ number: Int, from side: Side) -> [UInt8] {
        let headers = "MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: bob@example.com\r\n\r\n"
        let body = Array(headers.utf8) + (0..<(48 + 1_202 + 4)).map { UInt8(truncatingIfNeeded: $0 * 7 + number) }
        let line = side == .client ? "MSG \(number) D" : "MSG bob@example.com Bob%20B"
        return Array("\(line) \(body.count)\r\n".utf8) + body
    }
}
