// The names of all findings. Scripts rely on them: they are never changed, only added to.

/// What a reader should know, by a name that stays.
public enum FindingName: String, Sendable, Hashable, CaseIterable {
    // What is wrong with one command.
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

    // What does not go with what was said before.
    case replyWithoutRequest = "reply_without_request"
    case transactionRepeated = "transaction_repeated"
    case dialectNotOffered = "dialect_not_offered"
    case challengeWrong = "challenge_wrong"
    case passwordWrong = "password_wrong"
    case digestForm = "digest_form"
    case versionRepeated = "version_repeated"
    case lengthDoesNotFit = "length_does_not_fit"
    case messageIncomplete = "message_incomplete"

    // What is wrong with the peer-to-peer layer and with file transfers.
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

    // What is odd about switchboards and redirects.
    case cookieUnknown = "cookie_unknown"
    case cookieUsedTwice = "cookie_used_twice"
    case cookieOfAnotherClient = "cookie_of_another_client"
    case redirectNotUnderstood = "redirect_not_understood"
    case redirectNotRewritten = "redirect_not_rewritten"
    case redirectToRelay = "redirect_to_relay"

    // What is wrong with a capture, a pasted log or a recording.
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

    /// Whether it is about what people send each other, and follows from one connection where a server is at its end.
    package var isOfTransfers: Bool {
        switch self {
        case .p2pHeader, .p2pChunkLength, .p2pOffsetGap, .p2pOffsetOutside, .p2pOverlapDiffers, .p2pSizeDiffers,
            .p2pSenderDiffers, .p2pLimit, .slpMalformed, .slpLength, .p2pLinkBroken, .ftpSizeDiffers, .digestDiffers,
            .transferIncomplete:
            true
        default: false
        }
    }

    /// The roles of connections that carry what was agreed on elsewhere.
    public static let rolesWithoutAgreement: Set<Role> = [.peerToPeer, .fileTransfer]

    /// Those that do not follow from a connection's bytes where it has one of `rolesWithoutAgreement`.
    public static let ofTransfers = allCases.filter(\.isOfTransfers)

    /// Whether the finding follows from the bytes of its connection alone, so that it can be made again from them.
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
            .redirectToRelay, .overlapDiffers, .lateAfterGap, .beforeStart, .dataAfterFin, .finMisplaced,
            .dataAfterReset, .implausibleReset, .implausibleSequence, .directionLimit, .totalLimit, .gatewayRefused,
            .lengthMismatch, .lineNotUnderstood, .payloadLeftOut, .notRecorded, .p2pSessionUnknown, .p2pNonceDiffers,
            .ftpCookieDiffers, .ftpUninvited:
            false
        }
    }
}
