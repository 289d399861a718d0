// The stable names of all findings. Scripts depend on them: add names, but never change one.

/// The kind of a finding: a protocol violation, an inconsistency, or missing data. The raw value is a stable name.
public enum FindingName: String, Sendable, Hashable, CaseIterable {
    // Faults of a single command.
    case verbUnknown = "verb_unknown"
    case verbWrongSide = "verb_wrong_side"
    case verbNotInDialect = "verb_not_in_dialect"
    case verbWrongServer = "verb_wrong_server"
    case argumentCount = "argument_count"
    case argumentForm = "argument_form"
    case errorUnknown = "error_unknown"
    case nameNotEncoded = "name_not_encoded"
    case invalidUTF8 = "invalid_utf8"
    case lineEnd = "line_end"
    case messageTooLong = "message_too_long"
    case charsetUnknown = "charset_unknown"
    case contentTypeMissing = "content_type_missing"
    case contentLengthDiffers = "content_length_differs"
    case payloadMalformed = "payload_malformed"

    // Contradictions to earlier commands of the connection.
    case replyWithoutRequest = "reply_without_request"
    case transactionRepeated = "transaction_repeated"
    case dialectNotOffered = "dialect_not_offered"
    case challengeWrong = "challenge_wrong"
    case passwordWrong = "password_wrong"
    case digestForm = "digest_form"
    case versionRepeated = "version_repeated"
    case lengthDoesNotFit = "length_does_not_fit"
    case messageIncomplete = "message_incomplete"

    // Faults in the peer-to-peer layer and in file transfers.
    case p2pHeader = "p2p_header"
    case p2pChunkLength = "p2p_chunk_length"
    case p2pOffsetGap = "p2p_offset_gap"
    case p2pOffsetOutside = "p2p_offset_outside"
    case p2pOverlapDiffers = "p2p_overlap_differs"
    case p2pSizeDiffers = "p2p_size_differs"
    case p2pSessionUnknown = "p2p_session_unknown"
    case p2pSenderDiffers = "p2p_sender_differs"
    case p2pNonceDiffers = "p2p_nonce_differs"
    case p2pLimit = "p2p_limit"
    case slpMalformed = "slp_malformed"
    case slpLength = "slp_length"
    case p2pLinkBroken = "p2p_link_broken"
    case ftpSizeDiffers = "ftp_size_differs"
    case ftpCookieDiffers = "ftp_cookie_differs"
    case ftpUninvited = "ftp_uninvited"
    case digestDiffers = "digest_differs"
    case transferIncomplete = "transfer_incomplete"

    // Switchboard cookies and redirects.
    case cookieUnknown = "cookie_unknown"
    case cookieUsedTwice = "cookie_used_twice"
    case cookieOfAnotherClient = "cookie_of_another_client"
    case redirectNotUnderstood = "redirect_not_understood"
    case redirectNotRewritten = "redirect_not_rewritten"
    case redirectToRelay = "redirect_to_relay"

    // Clients that use the relay as a proxy.
    case askedElsewhere = "asked_elsewhere"
    /// A connection that was passed on without being decoded. Events have it as `tunnel`, lists of an archive as a finding.
    case tunnel = "tunnel"
    case leftTheProxy = "left_the_proxy"
    case proxyHandshakeFailed = "proxy_handshake_failed"

    // Clients that a firewall rule brought, or that no server is meant for.
    case destinationRefused = "destination_refused"

    // Direct links between clients that the relay was to keep in its path.
    case directLinkLeft = "direct_link_left"
    case directLinkUnused = "direct_link_unused"

    // Faults of a capture, a pasted log or a recording.
    case overlapDiffers = "overlap_differs"
    case lateAfterGap = "late_after_gap"
    case beforeStart = "before_start"
    case dataAfterFin = "data_after_fin"
    case finMisplaced = "fin_misplaced"
    case dataAfterReset = "data_after_reset"
    case implausibleReset = "implausible_reset"
    case implausibleSequence = "implausible_sequence"
    case directionLimit = "direction_limit"
    case totalLimit = "total_limit"
    case gatewayRefused = "gateway_refused"
    case lengthMismatch = "length_mismatch"
    case lineNotUnderstood = "line_not_understood"
    case payloadLeftOut = "payload_left_out"
    case notRecorded = "not_recorded"

    /// Whether the finding concerns a peer-to-peer session or a file transfer and can be derived from one connection
    /// to a server.
    package var isOfTransfers: Bool {
        switch self {
        case .p2pHeader, .p2pChunkLength, .p2pOffsetGap, .p2pOffsetOutside, .p2pOverlapDiffers, .p2pSizeDiffers,
            .p2pSenderDiffers, .p2pLimit, .slpMalformed, .slpLength, .p2pLinkBroken, .ftpSizeDiffers, .digestDiffers,
            .transferIncomplete:
            true
        default: false
        }
    }

    /// Roles of connections whose transfers were negotiated on another connection.
    public static let rolesWithoutAgreement: Set<Role> = [.peerToPeer, .fileTransfer]

    /// Findings that cannot be derived from the bytes of a connection with one of `rolesWithoutAgreement`.
    public static let ofTransfers = allCases.filter(\.isOfTransfers)

    /// Whether the finding depends only on the bytes of its connection, so that it can be recomputed from them.
    public var isDerived: Bool {
        switch self {
        case .verbUnknown, .verbWrongSide, .verbNotInDialect, .verbWrongServer, .argumentCount, .argumentForm,
            .errorUnknown, .nameNotEncoded, .invalidUTF8, .charsetUnknown, .lineEnd, .messageTooLong,
            .contentTypeMissing, .contentLengthDiffers, .payloadMalformed,
            .replyWithoutRequest, .transactionRepeated, .dialectNotOffered, .challengeWrong,
            .passwordWrong, .digestForm, .versionRepeated, .lengthDoesNotFit, .messageIncomplete, .p2pHeader,
            .p2pChunkLength, .p2pOffsetGap,
            .p2pOffsetOutside, .p2pOverlapDiffers, .p2pSizeDiffers, .p2pSenderDiffers, .p2pLimit, .slpMalformed,
            .slpLength, .p2pLinkBroken,
            .ftpSizeDiffers, .digestDiffers, .transferIncomplete:
            true
        case .cookieUnknown, .cookieUsedTwice, .cookieOfAnotherClient, .redirectNotUnderstood, .redirectNotRewritten,
            .redirectToRelay, .askedElsewhere, .tunnel, .leftTheProxy, .proxyHandshakeFailed, .destinationRefused,
            .directLinkLeft,
            .directLinkUnused,
            .overlapDiffers,
            .lateAfterGap, .beforeStart, .dataAfterFin, .finMisplaced,
            .dataAfterReset, .implausibleReset, .implausibleSequence, .directionLimit, .totalLimit, .gatewayRefused,
            .lengthMismatch, .lineNotUnderstood, .payloadLeftOut, .notRecorded, .p2pSessionUnknown, .p2pNonceDiffers,
            .ftpCookieDiffers, .ftpUninvited:
            false
        }
    }
}
