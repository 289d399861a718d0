"""Everything by keyboard, and only what the page may take."""
import re
import unittest

from support import PageTest, expect


class Keyboard(PageTest):
    def test_from_the_list_to_the_bytes_and_back(self):
        expect(self.page.locator(".level1").first).to_be_visible()
        self.press("j")
        expect(self.page.locator(".tree-row.selected")).to_have_count(1)
        self.press("Enter")
        self.wait_path(r"^/[sr]\d+$")
        expect(self.page.locator(".row", has_text="VER").first).to_be_visible()
        self.press("j", "j", "j")
        chosen = self.wait_path(r"at=c\d+\.\d+")
        expect(self.page.locator(".detail-line")).to_contain_text("VER")
        self.press("a")
        self.page.wait_for_timeout(200)
        self.assertNotEqual(self.path(), chosen)
        self.press("Enter")
        expect(self.page.locator(".fields")).to_be_focused()
        self.press("ArrowDown", "ArrowDown")
        self.wait_path("sel=args")
        self.press("Tab")
        expect(self.page.locator(".bytes-rows")).to_be_focused()
        self.press("ArrowRight", "Shift+ArrowRight")
        self.wait_path(r"b=\d+-\d+")
        self.press("Escape")
        expect(self.page.locator(".pane-detail")).to_be_hidden()
        expect(self.page.locator(".list-grid")).to_be_focused()

    def test_all_views(self):
        for keys, path in (("gt", "^/talks"), ("gl", "^/live"), ("gf", "^/findings"), ("gp", "^/files"), ("gs", "^/$")):
            self.press(*keys)
            self.wait_path(path)
        expect(self.page.locator(".tree-row").first).to_be_visible()
        self.press("j", "Enter")
        thing = self.wait_path(r"^/[sr]\d+$")
        for key, tab in (("3", "ladder"), ("4", "findings"), ("5", "files"), ("2", "talk"), ("1", None)):
            self.press(key)
            self.wait_path(f"^{thing}/{tab}$" if tab else f"^{thing}$")
            expect(self.page.locator(".tabs a[aria-current]")).to_be_visible()

    def test_switches_keep_the_focus(self):
        self.go("/talks")
        self.page.locator(".talk-row").first.click()
        switch = self.page.get_by_role("button", name="typing")
        expect(self.page.locator(".item").first).to_be_visible()
        switch.press("Enter")
        expect(self.page.locator(".item", has_text="typing")).not_to_have_count(0)
        expect(switch).to_be_focused()
        self.press("j")
        expect(self.page.locator(".item.selected")).to_have_count(1)

    def test_find_marks_and_walks(self):
        self.go("/" + self.sign_in())
        expect(self.page.locator(".row", has_text="VER").first).to_be_visible()
        self.press("/")
        self.page.keyboard.type("Guess which")
        self.press("Enter")
        expect(self.page.locator(".row.selected mark").first).to_have_text("Guess which")
        self.press("Escape")
        expect(self.page.locator(".row mark")).to_have_count(0)

    def test_hide_only_and_clear(self):
        self.go("/" + self.sign_in())
        commands = self.page.locator(".event-frame .c-verb")
        versions, others = commands.filter(has_text=re.compile("^CVR$")), commands.filter(has_text=re.compile("^USR$"))
        versions.first.click()
        self.press("x")
        self.wait_path("where=not\\+verb\\+in")
        expect(versions).to_have_count(0)
        self.press("F")
        versions.first.click()
        self.press("o")
        self.wait_path("where=verb")
        expect(others).to_have_count(0)

    def test_next_change_and_redirect(self):
        self.go("/" + self.sign_in())
        expect(self.page.locator(".row", has_text="VER").first).to_be_visible()
        self.press("]")
        expect(self.page.locator(".row.selected")).to_contain_text("changed")
        self.press("r")
        self.wait_path(r"^/c\d+$")
        expect(self.page.locator(".row", has_text="VER").first).to_be_visible()
        self.press("j", "r")
        self.wait_path(r"^/c\d+\.\d+$")

    def test_keys_of_the_protocol(self):
        self.go("/" + self.sign_in())
        self.page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
        rows, chosen = self.page.locator(".row[data-key]"), self.page.locator(".row.selected")
        expect(rows.first).to_be_visible()
        toast = self.page.locator("#toast")
        self.press("Home")
        expect(chosen).to_have_attribute("data-key", rows.first.get_attribute("data-key"))
        self.press("PageDown", "PageDown", "PageUp", "End")
        expect(chosen).to_have_attribute("data-key", rows.last.get_attribute("data-key"))
        self.press("Home", "j", "ArrowDown", "k", "j")
        expect(chosen).to_contain_text("VER")
        # Fields, bytes, both.
        for shown in ("fields", "bytes", "both"):
            self.press("b")
            expect(self.page.locator(".detail-content")).to_have_attribute("data-show", shown)
        # Mark, copy, zone, middle.
        self.press("m")
        expect(self.page.locator(".row.is-base")).to_have_count(1)
        self.press("M")
        expect(self.page.locator(".row.is-base")).to_have_count(0)
        self.press("y")
        expect(toast).to_contain_text("Copied the address")
        self.assertRegex(self.page.evaluate("window.copied"), r"/c\d+\.\d+$")
        self.press("Y")
        expect(toast).to_contain_text("Copied the line")
        self.assertTrue(self.page.evaluate("window.copied").startswith("VER"))
        self.press("t")
        expect(toast).to_contain_text("Times are in")
        self.press("t", ".")
        expect(toast).to_contain_text("stays in the middle")
        self.press(".")
        # The account of a field is marked wherever it occurs.
        self.page.locator(".row.event-frame", has_text="USR").first.click()
        self.page.locator(".field", has_text="alice@example.com").first.click()
        self.page.locator(".fields").focus()
        self.press("Enter")
        expect(self.page.locator(".row .tracked").nth(2)).to_be_visible()
        self.press("Enter")
        expect(self.page.locator(".row .tracked")).to_have_count(0)
        self.page.locator(".list-grid").focus()
        # Folds.
        folded = self.page.locator(".event-folded").first
        folded.click(position={"x": 300, "y": 8})
        expect(chosen.locator("[aria-expanded=false]")).to_have_count(1)
        self.press("ArrowRight")
        expect(chosen.locator("[aria-expanded=true]")).to_have_count(1)
        self.press("ArrowLeft")
        expect(chosen.locator("[aria-expanded=false]")).to_have_count(1)
        # Marks in both directions, hits in both directions.
        self.press("Home", "]")
        expect(chosen).to_contain_text("changed")
        first = chosen.get_attribute("data-key")
        self.press("]")
        expect(chosen).not_to_have_attribute("data-key", first)
        self.press("[")
        expect(chosen).to_have_attribute("data-key", first)
        self.press("/")
        self.page.keyboard.type("XFR")
        self.press("Enter", "Escape", "/", "Enter")
        self.page.locator(".list-grid").focus()
        hit = chosen.get_attribute("data-key")
        self.press("n")
        expect(chosen).not_to_have_attribute("data-key", hit)
        self.press("N")
        expect(chosen).to_have_attribute("data-key", hit)
        self.press("c")
        expect(self.page.locator(".contacts-box > *").first).to_be_visible()
        self.press("c", "f")
        expect(self.page.locator(".pane-view .filter-field")).to_be_focused()
        self.press("Escape", "v")
        self.wait_path(r"^/v\d+\?.*beside=protocol")
        expect(self.page.locator(".beside .row").first).to_be_visible()
        self.press("v")
        self.wait_path(r"^/v\d+(\?at=[^&]*)?$")

    def test_the_help_names_the_keys_and_letters_can_be_switched_off(self):
        self.press("?")
        dialog = self.page.locator("dialog.help")
        expect(dialog).to_contain_text("Jump between request and answer")
        dialog.get_by_label("Plain letters are shortcuts").uncheck()
        self.press("Escape")
        expect(dialog).to_have_count(0)
        self.press("g", "t", "?")
        self.page.wait_for_timeout(300)
        self.assertEqual(self.path(), "/")
        expect(dialog).to_have_count(0)
        self.press("ArrowDown")
        expect(self.page.locator(".tree-row.selected")).to_have_count(1)

    def test_letters_do_nothing_in_a_field(self):
        self.page.locator(".filter-field").first.click()
        self.page.keyboard.type("gt?/x")
        self.assertEqual(self.path(), "/")
        self.assertEqual(self.page.locator(".filter-field").first.input_value(), "gt?/x")

    def test_every_control_is_reached_and_named(self):
        self.go("/" + self.sign_in())
        expect(self.page.locator(".row", has_text="VER").first).to_be_visible()
        seen = []
        for _ in range(60):
            self.press("Tab")
            name = self.page.evaluate("""() => { const node = document.activeElement; return node === document.body ? null
                : node.getAttribute("aria-label") || node.textContent.trim() || node.title || node.placeholder || "?" + node.outerHTML.slice(0, 80); }""")
            if name is None:  # the browser's own controls
                continue
            seen.append(name)
            visible = self.page.evaluate("""() => { const style = getComputedStyle(document.activeElement); const box = document.activeElement.getBoundingClientRect();
                return box.width > 0 && (style.outlineStyle !== "none" || style.boxShadow !== "none" || !!document.activeElement.querySelector(".selected") || !!document.activeElement.closest(".filter-line")); }""")
            self.assertTrue(visible, f"the focus on {name} cannot be seen")
        self.assertFalse([name for name in seen if name.startswith("?")], seen)
        for wanted in ("Filter", "Position in time", "Help and shortcuts"):
            self.assertIn(wanted, seen)


if __name__ == "__main__":
    unittest.main()
