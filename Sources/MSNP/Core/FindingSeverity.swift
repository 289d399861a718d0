// How serious each kind of finding is.

/// How serious a finding is. The raw values are stable names.
public enum FindingSeverity: String, Sendable, Hashable, CaseIterable, Comparable {
    /// A peculiarity that needs no action.
    case note
    /// Something unusual that most clients and servers accept, or that may explain a problem.
    case warning
    /// Something that a strict client or server rejects, a contradiction, or lost data.
    case error

    /// Orders severities from the note to the error.
    public static func < (a: FindingSeverity, b: FindingSeverity) -> Bool { a.rank < b.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension FindingName {
    /// How serious findings of this name are.
    public var severity: FindingSeverity {
        switch self {
        case .verbWrongSide, .argumentCount, .argumentForm, .payloadMalformed, .replyWithoutRequest, .dialectNotOffered,
            .challengeWrong, .passwordWrong, .lengthDoesNotFit, .messageIncomplete, .p2pHeader, .p2pOffsetOutside,
            .p2pSizeDiffers, .p2pSenderDiffers, .p2pNonceDiffers, .p2pLinkBroken, .slpMalformed, .ftpSizeDiffers,
            .ftpCookieDiffers, .cookieUnknown, .cookieUsedTwice, .cookieOfAnotherClient, .redirectNotUnderstood,
            .redirectNotRewritten, .redirectToRelay, .notRecorded:
            .error
        case .verbUnknown, .verbNotInDialect, .verbWrongServer, .errorUnknown, .nameNotEncoded, .invalidUTF8, .lineEnd,
            .messageTooLong, .charsetUnknown, .contentTypeMissing, .contentLengthDiffers, .transactionRepeated,
            .digestForm, .versionRepeated, .p2pChunkLength, .p2pOffsetGap, .p2pOverlapDiffers, .p2pSessionUnknown,
            .slpLength, .ftpUninvited, .digestDiffers, .transferIncomplete, .overlapDiffers, .directionLimit,
            .totalLimit, .leftTheProxy, .proxyHandshakeFailed, .destinationRefused, .directLinkLeft, .gatewayRefused,
            .lengthMismatch,
            .lineNotUnderstood:
            .warning
        case .p2pLimit, .lateAfterGap, .beforeStart, .dataAfterFin, .finMisplaced, .dataAfterReset, .implausibleReset,
            .implausibleSequence, .payloadLeftOut, .askedElsewhere, .tunnel, .directLinkUnused:
            .note
        }
    }
}
