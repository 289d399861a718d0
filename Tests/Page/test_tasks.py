"""Ten tasks of a new user, done with the keyboard alone and in the words of docs/web.md."""
import os
import pathlib
import re
import unittest

from support import FOLDER, PageTest, Server, captures, expect, run

# A sign-in that the server refuses, and another one that it does not.
REFUSED = """C: VER 1 MSNP8 CVR0
S: VER 1 MSNP8
C: USR 2 TWN I anna@example.com
S: USR 2 TWN S lc=1033
C: USR 3 TWN S t=abc&p=def
S: 911 3
"""


def refused():
    """The page over a pasted log with a sign-in that failed."""
    if not hasattr(refused, "site"):
        log = FOLDER / "refused.log"
        log.write_text(REFUSED)
        refused.site = Server(str(log), "--listen", "127.0.0.1:0")
    return refused.site


class Tasks(PageTest):
    def setUp(self):
        super().setUp()
        expect(self.page.locator(".level1").first).to_be_visible()

    def chosen_talk(self):
        """g t, j, Enter."""
        self.press("g", "t")
        expect(self.page.locator(".talk-row").first).to_be_visible()
        self.press("j", "Enter")
        self.wait_path(r"^/v\d+")
        expect(self.page.locator(".item", has_text="Guess which")).to_be_visible()

    def select(self, text, locator=".row.selected", most=80):
        """Presses j until the selected row has a text."""
        for _ in range(most):
            row = self.page.locator(locator)
            if row.count() and text in row.first.inner_text():
                return
            self.press("j")
        self.fail(f"{text} is not reached")

    def test_a_talk_over_several_switchboards(self):
        self.chosen_talk()
        for words in ("Hi Bob!", "Its servers are", "PS: five is perfect."):
            expect(self.page.locator(".item", has_text=words)).to_have_count(1)

    def test_a_word_is_found(self):
        self.press("g", "/")
        self.wait_path("^/search")
        expect(self.page.get_by_label("Words to look for")).to_be_focused()
        self.page.keyboard.type("butterfly")
        self.press("Enter")
        expect(self.page.locator(".hit mark").first).to_have_text("butterfly")
        # The field keeps the focus, so that one can go on typing; an arrow key goes to the hits.
        self.press("ArrowDown")
        expect(self.page.locator(".hit .item-link").first).to_be_focused()
        self.press("Enter")
        self.wait_path(r"^/v\d+\?at=c\d+\.\d+")
        expect(self.page.locator(".item.selected")).to_contain_text("butterfly")
        self.page.go_back()
        expect(self.page.locator(".hit mark").first).to_be_visible()
        self.press("ArrowDown", "Shift+Enter")
        self.wait_path(r"^/c\d+\.\d+")
        expect(self.page.locator(".row.selected")).to_contain_text("butterfly")

    def test_the_bytes_of_a_message(self):
        self.chosen_talk()
        self.select("Guess which", ".item.selected")
        expect(self.page.locator(".detail .bytes .ascii").first).to_contain_text("MSG")
        self.press("Enter")
        self.wait_path("beside=protocol")
        expect(self.page.locator(".beside .row.selected")).to_contain_text("Guess which")
        # Both lists are read at the same time; the key is the talk's.
        expect(self.page.locator(".item.selected")).to_contain_text("Guess which")
        self.press("Enter")
        expect(self.page.locator(".fields")).to_be_focused()
        for _ in range(20):
            self.press("ArrowDown")
            if self.page.locator(".item mark.bound").count():
                break
        expect(self.page.locator(".item mark.bound")).to_have_text("Hi Bob! Guess which protocol this is.")
        expect(self.page.locator(".bytes .marked").first).to_be_visible()

    def test_a_redirect(self):
        self.press("j", "Enter")
        self.wait_path(r"^/[sr]\d+$")
        expect(self.page.locator(".row .leads").first).to_be_visible()
        self.select("→ c")
        self.press("r")
        there = self.wait_path(r"^/c\d+$")
        expect(self.page.locator(".row", has_text="VER").first).to_be_visible()
        self.press("j", "r")
        self.wait_path(r"^/c\d+\.\d+$")
        self.assertNotIn(there + ".", self.path())
        expect(self.page.locator(".row.selected")).to_contain_text("XFR")
        self.press("3")
        self.wait_path("/ladder$")

    def test_following(self):
        archive = FOLDER / "tasks.sqlite"
        run("demo", "--once", "--archive", str(archive))
        server = Server("--archive", str(archive), "--listen", "127.0.0.1:0")
        self.addCleanup(server.stop)

        class Live(PageTest):
            def runTest(live):
                held, is_holding = [], True
                live.page.route("**/api/v1/events?*newest=1*after=*", lambda route: held.append(route) if is_holding else route.continue_())
                live.press("g", "l")
                expect(live.page.locator(".follow")).to_contain_text("following")
                expect(live.page.locator(".row[data-key]").last).to_be_visible()
                # More than a page of rows between two answers.
                for _ in range(4):
                    run("demo", "--once", "--archive", str(archive))
                while not held:
                    live.page.wait_for_timeout(50)
                is_holding = False
                held[0].continue_()
                passed = live.page.locator(".row.event-passed")
                expect(passed).to_have_count(1)
                before = passed.first.inner_text()
                live.press("Space")
                expect(live.page.locator(".follow")).to_contain_text("paused")
                for _ in range(300):
                    live.press("k")
                    if live.page.locator(".row.event-passed.selected").count():
                        break
                live.press("Enter")
                expect(passed.filter(has_text=before)).to_have_count(0)
                live.press("End")
                expect(live.page.locator(".follow")).to_contain_text("following")

        Live.server = staticmethod(lambda: server)
        result = Live().run()
        for _, text in result.failures + result.errors:
            self.fail(text)

    def test_who_was_online(self):
        self.go("/" + self.sign_in())
        expect(self.page.locator(".row", has_text="NLN").first).to_be_visible()
        self.select("JOI")
        self.press("c")
        self.wait_path("panel=contacts")
        expect(self.page.locator(".people-list .on")).to_contain_text("bob")
        expect(self.page.locator(".contacts-box")).to_contain_text("1 online of 1")

    def test_a_redacted_copy(self):
        self.press("j", "Enter")
        self.wait_path(r"^/[sr]\d+$")
        self.tab_to("Export")
        self.press("Enter")
        self.wait_path("^/export")
        self.tab_to("JSON lines")
        self.tab_to("as it is")
        self.press("ArrowRight")
        self.wait_path("redacted=1")
        expect(self.page.locator(".preview-row").first).to_be_visible()
        self.tab_to("Save")
        with self.page.expect_download() as saved:
            self.press("Enter")
        text = pathlib.Path(saved.value.path()).read_text()
        self.assertIn('"verb":"USR"', text)
        self.assertNotIn("alice", text)

    def tab_to(self, name, most=80):
        """Presses Tab until a control with this name has the focus."""
        for _ in range(most):
            self.press("Tab")
            if self.page.evaluate("""(name) => { const node = document.activeElement;
                return [node.innerText, node.getAttribute("aria-label"), node.closest("label")?.innerText].some((text) => (text ?? "").trim().startsWith(name)); }""", name):
                return
        self.fail(f"{name} is not reached")


class Failed(PageTest):
    server = staticmethod(refused)

    def test_why_a_sign_in_failed(self):
        expect(self.page.locator(".level1", has_text="anna@example.com")).to_be_visible()
        self.press("j", "Enter")
        self.wait_path(r"^/[sr]\d+$")
        expect(self.page.locator(".row", has_text="911").first).to_be_visible()
        self.press("]")
        expect(self.page.locator(".row.selected")).to_contain_text("911")
        expect(self.page.locator(".fields")).to_contain_text(re.compile("authentication", re.I))

    def test_which_sign_in_failed(self):
        self.press("g", "l")
        self.wait_path("^/live")
        expect(self.page.locator(".row", has_text="911").first).to_be_visible()
        self.page.get_by_role("button", name="errors").press("Enter")
        self.wait_path("where=verb")
        expect(self.page.locator(".row.event-frame")).to_have_count(1)
        expect(self.page.locator(".row.event-frame")).to_contain_text("911")


class Pictures(PageTest):
    server = staticmethod(captures)

    def test_a_picture_is_saved(self):
        self.press("g", "p")
        expect(self.page.locator(".thumbnail img").first).to_be_visible()
        self.press("j")
        expect(self.page.get_by_role("button", name="Save").first).to_be_focused()
        with self.page.expect_download() as saved:
            self.press("Enter")
        self.assertGreater(os.path.getsize(saved.value.path()), 0)


if __name__ == "__main__":
    unittest.main()
