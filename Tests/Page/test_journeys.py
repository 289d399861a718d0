"""What people do with the page, from the printed link to a saved copy."""
import os
import pathlib
import re
import unittest

from support import FOLDER, PageTest, Server, captures, demo_archive, expect, lines, run


class Reading(PageTest):
    def test_the_link_signs_in_and_the_token_leaves_the_address(self):
        self.assertEqual(self.path(), "/")
        self.assertNotIn("token", self.page.url)
        expect(self.page.locator(".level1", has_text="alice@example.com")).to_be_visible()
        other = self.opened()
        other.goto(self.site.link)
        expect(other.locator(".level1", has_text="alice@example.com")).to_be_visible()

    def test_a_sign_in_is_a_tree_over_its_connections(self):
        identifier = self.sign_in()
        row = self.page.locator(f"[data-key={identifier}]")
        row.wait_for()
        if row.get_attribute("aria-expanded") == "false":
            row.locator(".twist").click()
        for role in ("DS", "NS", "SB"):
            expect(self.page.locator(".level2 .role", has_text=role).first).to_be_visible()
        expect(self.page.locator(".level3", has_text="talk").first).to_be_visible()
        row.locator("a.id").click()
        self.wait_path(f"^/{identifier}$")
        expect(self.page.locator(".row", has_text="VER").first).to_be_visible()

    def test_rows_are_those_of_decode(self):
        identifier = self.sign_in()
        wanted = [event["verb"] for event in lines("show", identifier, "--archive", str(demo_archive())) if event["event"] == "frame"]
        self.page.evaluate("localStorage.setItem('butterflynet.preferences', JSON.stringify({ fold: [] }))")
        self.go("/" + identifier)
        expect(self.page.locator(".row.event-frame")).to_have_count(len(wanted))
        self.assertEqual(self.page.locator(".row.event-frame .c-verb").all_inner_texts(), wanted)

    def test_the_words_the_bytes_and_the_fields_of_a_message_mark_each_other(self):
        self.page.locator("nav a", has_text="Talks").first.click()
        self.page.locator(".talk-row").first.click()
        words = self.page.locator(".item .words", has_text="Guess which")
        expect(words).to_be_visible()
        self.page.get_by_role("button", name="protocol beside").click()
        words = self.page.locator(".item .words", has_text="Guess which")
        words.click()
        expect(self.page.locator(".beside .row.selected")).to_contain_text("Guess which")
        expect(self.page.locator(".field", has_text="Guess which")).to_be_visible()
        # Words mark their bytes and their field.
        words.evaluate("""(node) => { const range = document.createRange(); range.setStart(node.firstChild, 3); range.setEnd(node.firstChild, 6);
            getSelection().removeAllRanges(); getSelection().addRange(range); node.dispatchEvent(new MouseEvent("mouseup", { bubbles: true })); }""")
        self.wait_path(r"[?&]b=\d+-\d+")
        self.assertEqual("".join(self.page.locator(".bytes .ascii .marked").all_inner_texts()), "Bob")
        expect(self.page.locator(".field[aria-selected=true]")).to_contain_text("text")
        expect(self.page.locator(".item mark.bound")).to_have_text("Bob")
        # A field marks its bytes, and bytes their field.
        self.page.locator(".field", has_text="trid").click()
        expect(self.page.locator(".item mark.bound")).to_have_count(0)
        self.wait_path(r"[?&]sel=args\.0")
        self.page.locator(".bytes-row").first.locator(".ascii").click(position={"x": 3, "y": 8})
        expect(self.page.locator(".field[aria-selected=true]")).to_contain_text("verb")
        # Bytes of the text mark the words: by keyboard from the field of the text.
        self.page.locator(".field", has_text="Guess which").click()
        expect(self.page.locator(".item mark.bound")).to_have_text("Hi Bob! Guess which protocol this is.")

    def test_a_talk_over_three_switchboards_leads_to_the_bytes(self):
        self.go("/talks")
        self.page.locator(".talk-row").first.click()
        self.wait_path(r"^/v\d+$")
        expect(self.page.locator(".item", has_text="PS: five is perfect.")).to_be_visible()
        expect(self.page.locator(".item", has_text="sent a nudge")).to_be_visible()
        self.page.locator(".item .words", has_text="five is perfect").dblclick()
        self.wait_path(r"beside=protocol")
        expect(self.page.locator(".bytes .ascii").first).to_contain_text("MSG")

    def test_a_word_is_found_and_opened_in_its_talk(self):
        self.go("/search")
        self.page.get_by_label("Words to look for").fill("perfect")
        self.press("Enter")
        self.wait_path(r"^/search\?q=perfect")
        hit = self.page.locator(".hit").first
        expect(hit.locator("mark").first).to_have_text("perfect")
        hit.locator("a.item-link").click()
        self.wait_path(r"^/v\d+\?at=c\d+\.\d+")
        expect(self.page.locator(".item.selected")).to_contain_text("perfect")

    def test_a_redirect_is_followed_in_the_ladder_and_back(self):
        identifier = self.sign_in()
        self.go(f"/{identifier}/ladder")
        redirect = self.page.locator(".ladder-row .c-notes a", has_text="→ c").first
        expect(redirect).to_be_visible()
        expect(self.page.locator(".party", has_text="relay")).to_be_visible()
        redirect.click()
        self.wait_path(r"^/c\d+$")
        self.page.go_back()
        self.wait_path(f"^/{identifier}/ladder$")
        with self.page.expect_download() as saved:
            self.page.get_by_role("button", name="SVG").click()
        text = pathlib.Path(saved.value.path()).read_text(encoding="utf-8")
        self.assertIn("<svg", text)
        self.assertNotIn("<script", text)

    def test_the_contact_list_as_of_a_moment(self):
        shown = lines("show", self.sign_in("bob@example.com"), "--archive", str(demo_archive()))
        first = next(event for event in shown if event["event"] == "frame" and event["verb"] == "VER")
        last = [event for event in shown if event["event"] == "frame" and event["role"] == "NS"][-1]
        self.go(f"/c{last['conn']}")
        expect(self.page.locator(".row", has_text="VER").first).to_be_visible()
        self.press("End", "Enter", "c")
        expect(self.page.locator(".people-list")).to_contain_text("alice")
        self.go(f"/c{first['conn']}.2?panel=contacts")
        expect(self.page.locator(".contacts-box")).not_to_contain_text("Reading")
        expect(self.page.locator(".people-list li", has_text="alice")).to_have_count(0)

    def test_filters_are_in_the_address_checked_and_kept(self):
        identifier = self.sign_in()
        self.go("/" + identifier)
        field = self.page.locator(".pane-view .filter-field")
        field.fill("verb == MSG")
        field.press("Enter")
        self.wait_path("where=verb")
        expect(self.page.locator(".row.event-frame .c-verb", has_text="USR")).to_have_count(0)
        expect(self.page.locator(".row.event-frame").first).to_contain_text("MSG")
        self.page.locator(".pane-view").get_by_role("button", name="Saved filters").click()
        self.page.get_by_label("Name").fill("messages")
        self.page.get_by_role("button", name="Save this filter").click()
        expect(self.page.locator(".saved-filter")).to_contain_text("verb == MSG")
        self.press("Escape")
        self.allowed = "400"
        field = self.page.locator(".pane-view .filter-field")
        field.fill("verb == = MSG")
        expect(self.page.locator(".pane-view .filter-error")).to_contain_text("column")
        field.fill("verb == ZZZ")
        field.press("Enter")
        expect(self.page.locator(".empty")).to_contain_text("ZZZ")
        self.page.locator(".empty").get_by_role("button", name="Clear the filter").click()
        expect(self.page.locator(".row", has_text="USR").first).to_be_visible()

    def test_back_and_forward_restore_the_selection(self):
        identifier = self.sign_in()
        self.go("/" + identifier)
        self.page.locator(".event-frame", has_text="CAL").first.click()
        chosen = self.wait_path(r"at=c\d+\.\d+")
        self.press("g", "t")
        self.wait_path("^/talks$")
        self.page.go_back()
        self.assertEqual(self.wait_path(r"at=c"), chosen)
        expect(self.page.locator(".row.selected")).to_contain_text("CAL")

    def test_zone_and_theme(self):
        self.page.get_by_role("button", name="Times are in UTC").click()
        self.press("t")
        self.page.get_by_role("button", name="Light or dark").click()
        self.assertEqual(self.page.evaluate("document.documentElement.dataset.theme"), "dark")

    def test_what_is_not_there(self):
        self.allowed = "404"
        for path, text in (("/c99999", "There is no c99999"), ("/v99999", "There is no v99999"), ("/s99999/ladder", "There is no s99999")):
            self.go(path)
            expect(self.page.locator(".empty").first).to_contain_text(text)

    def test_a_copy_as_it_is_equals_that_of_the_program(self):
        identifier = self.sign_in()
        self.go(f"/export?of={identifier}&format=jsonl")
        with self.page.expect_download() as saved:
            self.page.locator("button.primary").click()
        self.assertEqual(pathlib.Path(saved.value.path()).read_text(encoding="utf-8"), run("export", identifier, "--archive", str(demo_archive()), "--format", "jsonl"))

    def test_a_redacted_copy_has_no_name_in_it(self):
        identifier = self.sign_in()
        self.go(f"/export?of={identifier}&format=jsonl&redacted=1")
        expect(self.page.get_by_text("Will be replaced")).to_be_visible()
        with self.page.expect_download() as saved:
            self.page.locator("button.primary").click()
        text = pathlib.Path(saved.value.path()).read_text(encoding="utf-8")
        self.assertTrue(text)
        for hidden in ("alice@example.com", "bob@example.com", "Guess which protocol"):
            self.assertNotIn(hidden, text)

    def test_transcripts_are_previewed(self):
        identifier = self.sign_in()
        for format in ("text", "html", "xml"):
            self.go(f"/export?of={identifier}&format={format}")
            expect(self.page.locator(".preview")).to_contain_text("Guess which protocol")
            expect(self.page.locator("button.primary")).to_contain_text("about")
        with self.page.expect_download() as saved:
            self.page.locator("button.primary").click()
        self.assertIn("Guess which protocol", pathlib.Path(saved.value.path()).read_text(encoding="utf-8"))

    def test_lists_as_text(self):
        identifier = self.sign_in()
        self.page.get_by_role("button", name="as text").click()
        self.wait_path(r"as=text")
        expect(self.page.locator(".as-text")).to_contain_text("alice@example.com  MSNP12")
        self.page.get_by_role("button", name="as text").click()
        expect(self.page.locator(".level1").first).to_be_visible()
        self.go(f"/{identifier}/talk?as=text")
        expect(self.page.locator(".as-text")).to_contain_text("alice: Hi Bob! Guess which protocol this is.")
        self.go(f"/{identifier}/ladder?as=text")
        expect(self.page.locator(".as-text")).to_contain_text("XFR 3 NS")
        expect(self.page.locator(".as-text")).to_contain_text("alice@example.com")

    def test_the_called_person_is_laid_beside_in_the_ladder(self):
        identifier, other = self.sign_in(), self.sign_in("bob@example.com")
        self.go(f"/{identifier}/ladder")
        self.page.get_by_role("button", name="Another sign-in").click()
        self.page.locator("dialog a", has_text="bob@example.com").click()
        self.wait_path(f"beside={other}")
        expect(self.page.locator("dialog")).to_have_count(0)
        for person in ("alice", "bob"):
            expect(self.page.locator(".party", has_text=person)).to_be_visible()
        expect(self.page.locator(".ladder-row", has_text="VER 1 MSNP7")).not_to_have_count(0)
        self.page.get_by_role("button", name=f"beside {other}").click()
        self.wait_path(f"^/{identifier}/ladder$")
        expect(self.page.locator(".party", has_text="bob")).to_have_count(0)

    def test_names_in_the_ladder(self):
        identifier = self.sign_in()
        self.go(f"/{identifier}/ladder")
        expect(self.page.locator(".party").first).to_have_text("alice@example.com")
        self.page.get_by_role("button", name="names").click()
        expect(self.page.locator(".party").first).to_have_text("alice")
        with self.page.expect_download() as saved:
            self.page.get_by_role("button", name="SVG").click()
        self.assertNotIn(">alice@example.com<", pathlib.Path(saved.value.path()).read_text())
        self.page.get_by_role("button", name="names").click()
        expect(self.page.locator(".party").first).to_have_text("alice@example.com")

    def test_a_ladder_is_saved_as_it_is_shown(self):
        self.go(f"/{self.sign_in()}/ladder")
        expect(self.page.locator(".ladder-row", has_text="VER 4")).to_have_count(2)
        role = self.page.get_by_role("button", name="NS", exact=True)
        role.press("Enter")
        expect(self.page.locator(".ladder-row", has_text="VER 4")).to_have_count(0)
        expect(self.page.locator(".ladder-row", has_text="VER 1")).to_have_count(2)
        expect(role).to_be_focused()
        with self.page.expect_download() as saved:
            self.page.get_by_role("button", name="Mermaid").click()
        text = pathlib.Path(saved.value.path()).read_text()
        self.assertIn("VER 1 MSNP12", text)
        self.assertNotIn("VER 4 MSNP12", text)
        role.press("Enter")
        expect(self.page.locator(".ladder-row", has_text="VER 4")).to_have_count(2)

    def test_the_talk_beside_the_protocol_has_an_address(self):
        session = next(item for item in lines("sessions", "--archive", str(demo_archive())) if item["account"] == "alice@example.com")
        connection = next(one for one in session["connections"] if one.get("conversation"))
        self.go(f"/{connection['id']}?beside=talk")
        self.wait_path(f"^/{connection['conversation']['id']}\?beside=protocol")
        expect(self.page.locator(".beside .row").first).to_be_visible()
        self.page.go_back()
        expect(self.page.locator(".level1").first).to_be_visible()

    def test_redirects_are_in_the_tree(self):
        identifier = self.sign_in()
        row = self.page.locator(f"[data-key={identifier}]")
        row.wait_for()
        if row.get_attribute("aria-expanded") == "false":
            row.locator(".twist").click()
        expect(self.page.locator(".level2 .from", has_text="from c").first).to_be_visible()

    def test_a_hit_that_another_client_recorded_leads_to_its_words(self):
        self.go("/search?q=butterfly")
        self.page.locator(".hit .item-link").first.click()
        self.wait_path(r"^/v\d+\?at=c")
        expect(self.page.locator(".item.selected")).to_contain_text("butterfly")
        self.page.locator(".field", has_text="butterfly").click()
        expect(self.page.locator(".item mark.bound")).to_contain_text("butterfly")

    def test_an_address_behind_the_last_entry(self):
        self.allowed = "404"
        session = next(item for item in lines("sessions", "--archive", str(demo_archive())) if item["account"] == "alice@example.com")
        connection = next(one for one in session["connections"] if one.get("conversation"))
        self.go(f"/{connection['conversation']['id']}?at={connection['id']}.999")
        expect(self.page.locator(".item.selected")).to_be_visible()
        expect(self.page.locator(".detail")).to_contain_text("There is no")

    def test_search_up_to_a_date(self):
        self.go("/search?q=perfect")
        expect(self.page.locator(".hit")).to_have_count(1)
        self.page.get_by_label("up to").fill("2001-01-01")
        self.wait_path("at=2001-01-02T00:00:00")
        expect(self.page.locator(".empty")).to_contain_text("No message up to then has these words")
        self.page.get_by_label("up to").fill("2100-01-01")
        self.wait_path("at=2100-01-02T00:00:00")
        expect(self.page.locator(".hit")).to_have_count(1)
        expect(self.page.get_by_label("up to")).to_have_value("2100-01-01")

    def test_heads_stand_over_their_columns(self):
        self.go("/" + self.sign_in())
        row = self.page.locator(".row.event-frame").first
        expect(row).to_be_visible()
        for name in ("time", "conn", "who", "verb", "line"):
            head, cell = (place.bounding_box() for place in (self.page.locator(f".row-head .c-{name}"), row.locator(f".c-{name}")))
            self.assertLess(abs(head["x"] - cell["x"]), 2, name)

    def test_the_list_of_sign_ins_jumps_to_a_time(self):
        self.go("/?at=2000-01-01T00:00:00Z")
        expect(self.page.locator(".tree .empty")).to_be_visible()
        self.go("/")
        expect(self.page.locator(".level1").first).to_be_visible()
        self.page.locator(".pane-nav .scrubber rect").first.wait_for(state="attached")
        self.page.locator(".pane-nav .scrubber").press("Home")
        self.wait_path(r"^/\?at=")
        expect(self.page.locator(".level1").first).to_be_visible()

    def test_a_long_first_read_says_how_far_it_is(self):
        connection = next(one for item in lines("sessions", "--archive", str(demo_archive())) for one in item["connections"] if one.get("conversation"))["id"]
        answers = []

        def answer(route):
            answers.append(1)
            if len(answers) < 3:
                route.fulfill(json={"at": f"{connection}.5", "done": False, "scanned": 400 * len(answers), "total": 1000})
            else:
                route.continue_()

        self.page.route(f"**/api/v1/events/{connection}.5", answer)
        seen = []
        self.page.expose_function("noted", lambda text: seen.append(text))
        self.page.add_init_script("new MutationObserver(() => { const text = document.querySelector('.detail-content .empty')?.textContent; if (text) window.noted(text); }).observe(document, { childList: true, subtree: true });")
        self.go(f"/{connection}.5")
        expect(self.page.locator(".field").first).to_be_visible()
        self.assertEqual(len(answers), 3)
        self.assertTrue(any("40 %" in text for text in seen) and any("80 %" in text for text in seen), seen)


class Captures(PageTest):
    server = staticmethod(captures)

    def test_findings_lead_to_their_events(self):
        self.go("/findings")
        group = self.page.locator("details.group").first
        group.locator("summary").click()
        group.locator("a.item-link").first.click()
        self.wait_path(r"^/c\d+\.\d+")
        expect(self.page.locator(".row.selected")).to_be_visible()

    def test_pictures_are_shown_and_files_saved(self):
        self.go("/files")
        expect(self.page.locator(".thumbnail img").first).to_be_visible()
        self.assertTrue(self.page.locator(".thumbnail img").first.get_attribute("src").startswith("blob:"))
        card = self.page.locator(".file", has=self.page.get_by_role("button", name="Save")).first
        with self.page.expect_download() as saved:
            card.get_by_role("button", name="Save").click()
        self.assertGreater(os.path.getsize(saved.value.path()), 0)

    def test_transfers_are_in_the_tree(self):
        archive = str(FOLDER / "captures.sqlite")
        session = next(item for item in lines("sessions", "--archive", archive) if any(file.get("conn") in [one["conn"] for one in item["connections"]] for file in self.files()))
        identifier = session["id"] or session["recording"]
        self.go(f"/?at={session['time_first']}")
        row = self.page.locator(f"[data-key={identifier}]")
        row.locator(".twist").click()
        expect(self.page.locator(".level3", has_text="⇄").first).to_contain_text("whole")

    def files(self):
        return self.page.evaluate("""async () => (await (await fetch("/api/v1/media?limit=500", { headers: { "X-Butterflynet-Key": localStorage.getItem("butterflynet.key") } })).json()).items""")

    def test_files_and_findings_jump_to_a_time(self):
        self.go("/files")
        expect(self.page.locator(".file").first).to_be_visible()
        all_files = self.page.locator(".file").count()
        self.page.locator(".scrubber rect").first.wait_for(state="attached")
        self.page.locator(".scrubber").press("End")
        self.wait_path(r"^/files\?at=")
        expect(self.page.locator(".file")).not_to_have_count(all_files)
        self.page.locator(".scrubber").press("Home")
        expect(self.page.locator(".file")).to_have_count(all_files)
        self.go("/findings")
        expect(self.page.locator("details.group").first).to_be_visible()
        self.page.locator(".scrubber rect").first.wait_for(state="attached")
        self.page.locator(".scrubber").press("Home")
        self.wait_path(r"^/findings\?name=\w+&at=")
        expect(self.page.locator("details[open] .finding-row").first).to_be_visible()
        rows = self.page.locator("details[open] .finding-row").count()
        self.page.locator(".scrubber").press("End")
        expect(self.page.locator("details[open] .finding-row")).not_to_have_count(rows)
        expect(self.page.locator("details[open]")).to_contain_text(re.compile("None from then on|UTC"))

    def test_gaps_are_rows(self):
        archive = str(FOLDER / "captures.sqlite")
        gap = next(event for recording in lines("sessions", "--archive", archive) for event in lines("show", recording["recording"], "--archive", archive) if event["event"] == "gap")
        self.go(f"/c{gap['conn']}")
        expect(self.page.locator(".row.event-gap").first).to_contain_text(f"{gap['bytes']:,} bytes are missing here")


class Living(unittest.TestCase):
    def test_follows_what_another_process_records(self):
        archive = FOLDER / "live.sqlite"
        run("demo", "--once", "--archive", str(archive))
        server = Server("--archive", str(archive), "--listen", "127.0.0.1:0")
        self.addCleanup(server.stop)

        class Live(PageTest):
            def runTest(live):
                live.go("/live")
                expect(live.page.locator(".follow")).to_contain_text("following")
                expect(live.page.locator(".row", has_text="closed").last).to_be_visible()
                before = live.page.locator(".row[data-key]").last.get_attribute("data-key")
                run("demo", "--once", "--archive", str(archive))
                expect(live.page.locator(".row[data-key]").last).not_to_have_attribute("data-key", before)
                live.press("Space")
                expect(live.page.locator(".follow")).to_contain_text("paused")
                run("demo", "--once", "--archive", str(archive))
                expect(live.page.locator(".pill")).to_contain_text("new")
                live.page.locator(".pill").click()
                expect(live.page.locator(".follow")).to_contain_text("following")

        Live.server = staticmethod(lambda: server)
        result = Live().run()
        for _, text in result.failures + result.errors:
            self.fail(text)

    def test_goes_on_after_the_program_was_started_again(self):
        token = FOLDER / "token"
        token.write_text("a-token-that-is-long-enough-for-a-test-0123456789")
        token.chmod(0o600)
        arguments = ("--archive", str(demo_archive()), "--token-file", str(token))
        server = Server(*arguments, "--listen", "127.0.0.1:0")
        self.addCleanup(lambda: server.stop())

        class Again(PageTest):
            def setUp(again):
                try:
                    super().setUp()
                finally:
                    again.allowed = "ERR_CONNECTION_REFUSED|401|ERR_"

            def runTest(again):
                port = server.base.rsplit(":", 1)[1]
                server.stop()
                again.page.locator("nav a", has_text="Talks").first.click()
                expect(again.page.locator(".notice.warning")).to_contain_text("not running")
                server.arguments[-1] = f"127.0.0.1:{port}"
                server.start()
                expect(again.page.locator(".talk-row").first).to_be_visible()
                expect(again.page.locator(".notice.warning")).to_have_count(0)

        Again.server = staticmethod(lambda: server)
        result = Again().run()
        for _, text in result.failures + result.errors:
            self.fail(text)

    def test_captures_are_opened_directly(self):
        from support import ROOT

        server = Server(str(ROOT / "captures/demo.pcap"), "--listen", "127.0.0.1:0")
        self.addCleanup(server.stop)

        class Direct(PageTest):
            def runTest(direct):
                expect(direct.page.locator(".level1", has_text="alice@example.com")).to_be_visible()
                expect(direct.page.locator(".archive")).to_contain_text("temporary")

        Direct.server = staticmethod(lambda: server)
        result = Direct().run()
        for _, text in result.failures + result.errors:
            self.fail(text)


if __name__ == "__main__":
    unittest.main()
