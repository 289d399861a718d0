// The session of a client's sign-in over plain HTTP: its messages are recorded, and the login server's address may become
// the relay's. Pure.

internal import Doors
internal import Events
internal import MSNP

extension Session {
    /// From now on the address of the login server in answers becomes that of the relay.
    ///
    /// A client that uses the relay as its proxy asks it for whatever the answers name, so nothing is changed for it.
    mutating func leadSignIn(to address: HostPort?) {
        guard rewrites, let address, case .dialling(let received) = state,
            ForwardedRequest.isMeant(by: received) != true
        else { return }
        signInEditors = [SignInEditor(address: address)]
    }

    /// Processes the server's bytes of a sign-in whose answers may be changed.
    mutating func fromSignInServer(_ bytes: Span<UInt8>) -> [Output] {
        tap.count(bytes, from: .server)
        let (sent, changes) = signInEditors[0].edit(bytes)
        var outputs: [Output] = sent.isEmpty ? [] : [.send(sent, to: .client)]
        var position = 0
        while let kind = tap.next(bytes, from: &position, side: .server) { outputs.append(record(kind)) }
        return outputs + changes.map { record(Self.kind(of: $0)) }
    }

    /// What is still held of a head when the server ends.
    mutating func endSignInEditing() -> [Output] {
        guard !signInEditors.isEmpty else { return [] }
        let rest = signInEditors[0].finish()
        return rest.isEmpty ? [] : [.send(rest, to: .client)]
    }

    private static func kind(of change: SignInEditor.Change) -> Event.Kind {
        switch change {
        case .rewritten(let line, let sent, let from, let to):
            let lineEnd = Array("\r\n".utf8)
            return .rewritten(
                Rewriting(
                    original: Frame(rewritten: ByteSlice(line + lineEnd)),
                    sent: Frame(rewritten: ByteSlice(sent + lineEnd)), from: from, to: to))
        case .left(let address, let why):
            let text = "PassportURLs names \(address); it was forwarded unchanged, because \(why)."
            return .finding(Finding(.redirectNotRewritten, text, side: .server))
        }
    }
}
