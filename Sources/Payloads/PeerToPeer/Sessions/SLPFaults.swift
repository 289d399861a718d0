// Validates MSNSLP invitations to file transfers and objects (p2p.md section 4).

internal import MSNP

extension SLPMessage {
    /// The faults in the body of an invitation to an object or a file, as sentences.
    var faults: [String] {
        guard method == "INVITE", value("EUF-GUID") != nil else { return [] }
        var faults: [String] = []
        if let text = value("SessionID"), sessionID == nil {
            faults.append("The SessionID of an invitation is not a 32-bit number: \(text.prefix(32)).")
        }
        guard let application, application.isTransfer, let text = value("Context"), !text.isEmpty else { return faults }
        let what = "The Context of an invitation to \(application == .file ? "a file" : "an object")"
        guard let context else { return faults + ["\(what) is not base64."] }
        switch application {
        case .file where FileOffer(ByteSlice(context)) == nil:
            faults.append(
                "\(what) is not a valid offer: it has \(context.count) bytes and ends before the end of the file name.")
        case .object where MSNObject(plain: ByteSlice(context)) == nil:
            faults.append("\(what) does not describe one: it has \(context.count) bytes.")
        default: break
        }
        return faults
    }
}
