// The table of prefixes: how each program marks the commands in its log, and where its source says so.

extension LogPrefix {
    /// The programs whose logs are known.
    enum Program: Sendable { case butterflynet, libpurple, pecan, papyon, amsn, escargot, bitlbee, miranda, people }

    /// The prefixes, more special ones first: the first that matches a line counts.
    ///
    /// Examples of each are in docs/logs.md; the sources in docs/protocol/sources.md, section 6.
    static let all: [LogPrefix] = [
        // This program's own text (Output/Text). Lines without a mark are about the connection, or findings.
        LogPrefix(.butterflynet, "{time}{own}{C: |S: }"),
        LogPrefix(.butterflynet, "{time}{own}"),

        // Pidgin, Finch, Gaim 1 and 2: libpurple/protocols/msn/cmdproc.c, show_debug_cmd. The time is added by
        // libpurple/debug.c, purple_debug_vargs, and by the debug window. No payloads.
        LogPrefix(.libpurple, "{time}msn: {C|S}: {role} {number}: ", .lineOnly),
        LogPrefix(.libpurple, "{time}{C|S}: {role} {number}: ", .lineOnly),
        // Earlier Gaim: src/protocols/msn/servconn.c, msn_servconn_write and read_cb. Payloads of the client only.
        LogPrefix(.libpurple, "{time}msn: {C|S}: "),

        // msn-pecan: cmd/cmdproc.c, show_debug_cmd, through pn_log.c (pecan_log.c, msn_log.c), pn_base_log_helper: on
        // the console, in Pidgin's debug window, or into a file with tabs. The number counts commands. No payloads.
        LogPrefix(.pecan, "{time}{word} {function} {C|S}: {number}: ", .lineOnly),
        LogPrefix(.pecan, "{time}msn-pecan: {function} {C|S}: {number}: ", .lineOnly),

        // papyon: papyon/transport.py, send_command and __on_received; logger papyon.transport. The program that uses
        // it chooses the form of Python's logging; the payload is rendered by papyon/msnp/command.py, CommandPrinter.
        LogPrefix(.papyon, "[{clock} {word} papyon.transport] {>>>|<<<} ", .rendering),
        LogPrefix(.papyon, "{time}papyon.transport:{>>>|<<<} ", .rendering),
        LogPrefix(.papyon, "{time}papyon.transport: {>>>|<<<} ", .rendering),
        LogPrefix(.papyon, "{time}{word}:papyon.transport:{>>>|<<<} ", .rendering),
        // pymsn, and papyon's first versions: the same; logger Transport.
        LogPrefix(.papyon, "[{clock} {word} Transport] {>>>|<<<} ", .rendering),
        LogPrefix(.papyon, "{time}{word}:Transport:{>>>|<<<} ", .rendering),
        LogPrefix(.papyon, "{time}Transport:{>>>|<<<} ", .rendering),

        // Escargot: util/misc.py, Logger; front/msn/msnp.py, _truncated_log. Neither payloads nor their lengths.
        LogPrefix(.escargot, "{time}{role}/{name} {>>>|<<<} ", .lineWithoutLength),

        // BitlBee: protocols/msn/ns.c, msn_ns_write, and msn_util.c, msn_queue_feed, with BITLBEE_DEBUG.
        LogPrefix(.bitlbee, "{colour}{>>>|<<<}[NS{number}] ", .chunk),
        LogPrefix(.bitlbee, "{>>>|<<<}[NS{number}] ", .chunk),
        LogPrefix(.bitlbee, "{colour}{>>>|<<<} ", .chunk),

        // Miranda IM and Miranda NG: netlib's netliblog.cpp, NetlibDumpData (Netlib_Dump) and NetlibLog (_Worker): time
        // and name of the protocol (IM), or date, time, thread and name (NG); each can be switched off.
        LogPrefix(.miranda, "[{clock} {word}] [{word}] ({name}) Data {sent|received}", .chunkBelow),
        LogPrefix(.miranda, "[{clock} {word}] ({name}) Data {sent|received}", .chunkBelow),
        LogPrefix(.miranda, "[{word} {word}] [{word}] ({name}) Data {sent|received}", .chunkBelow),
        LogPrefix(.miranda, "[{word}] [{word}] ({name}) Data {sent|received}", .chunkBelow),
        LogPrefix(.miranda, "[{word} {word}] ({name}) Data {sent|received}", .chunkBelow),
        LogPrefix(.miranda, "{time}({name}) Data {sent|received}", .chunkBelow),
        LogPrefix(.miranda, "[{word}] ({name}) Data {sent|received}", .chunkBelow),

        // What people write in pages and mails.
        LogPrefix(.people, "{time}{C|S}: "),
        LogPrefix(.people, "{time}{>>>|<<<} "),
        LogPrefix(.people, "{time}{-->|<--} ", .lines, .onlyWithKnownCommand),
        LogPrefix(.people, "{time}{--->|<---} ", .lines, .onlyWithKnownCommand),
        LogPrefix(.people, "{time}{>|<} ", .lines, .onlyWithKnownCommand),
        LogPrefix(.people, "{time}{C|S}:", .lines, .onlyWithKnownCommand),

        // aMSN's protocol window: protocol.tcl, WriteSBRaw, WriteNS and handleCommand, through ctdegt.tcl, degt_protocol,
        // which adds a time in later versions. Received payloads stand below the line "Message Contents:".
        LogPrefix(.amsn, "{time}{->|<-}{name} ", .lines, .onlyWithKnownCommand),
    ]
}
