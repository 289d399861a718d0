// Archives as files: their owners and modes, and the errors about them.

import Foundation
import TestSupport
import Testing

@Suite struct ArchiveFileTests {
    private static let demo = Repository.capture("demo.pcap")

    /// The name that is taken where none is given leads nowhere, and everybody may read what is made.
    @Test func theDefaultArchiveIsPrivateBehindALink() async throws {
        let outcome = try await Program.shell(
            """
            d=$(mktemp -d) && cd "$d" && umask 000 && unset BUTTERFLYNET_ARCHIVE && ln -s ghost.sqlite butterflynet.sqlite
            "$0" import --quiet '\(Self.demo)'; stat -c %a ghost.sqlite; rm -rf "$d"
            """)
        #expect(outcome.output == "600\n")
        #expect(outcome.errors == "")
    }

    @Test func anArchiveThatOthersCanReadIsSpokenOfWhenItIsWritten() async throws {
        let outcome = try await Program.shell(
            """
            d=$(mktemp -d) && cd "$d" && "$0" import --quiet --archive a.sqlite '\(Self.demo)' && chmod 644 a.sqlite
            "$0" reindex --quiet --archive a.sqlite && "$0" sessions --quiet --archive a.sqlite >/dev/null; stat -c %a a.sqlite
            rm -rf "$d"
            """)
        #expect(outcome.output == "644\n")
        #expect(outcome.errors.contains("other users can read the archive a.sqlite"))
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }
}
