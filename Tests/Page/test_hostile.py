"""Hostile names, texts, headers, file names and XML: nothing runs, nothing is asked for elsewhere, nothing leaves its element."""
import unittest

import hostile
from support import FOLDER, PageTest, Server, expect, lines, run, shared


def attacked():
    if "hostile" not in shared:
        capture = FOLDER / "hostile <b>.pcap"
        hostile.write(capture)
        run("import", "--quiet", "--archive", "hostile.sqlite", str(capture))
        shared["hostile"] = Server("--archive", str(FOLDER / "hostile.sqlite"), "--listen", "127.0.0.1:0")
    return shared["hostile"]


class Battery(PageTest):
    server = staticmethod(attacked)

    def unharmed(self):
        self.assertFalse(self.page.evaluate("window.pageHit ?? 0"), "a script from the wire ran")
        self.assertEqual(self.page.evaluate("""[...document.querySelectorAll("*")].flatMap((node) => [...node.attributes]
            .filter((one) => one.name.startsWith("on") || /^\\s*javascript:/i.test(one.value) && ["href", "src", "action"].includes(one.name)).map((one) => one.name + "=" + one.value))"""), [])
        self.assertEqual(self.page.evaluate("document.querySelectorAll('script:not([src^=\"/assets/\"]), iframe, object, embed, base, form[action], style, link:not([href^=\"/assets/\"]), meta[http-equiv]').length"), 0)
        self.assertEqual(self.page.evaluate("""[...document.querySelectorAll("a[href]")].map((node) => node.getAttribute("href")).filter((one) => !one.startsWith("/") || one.startsWith("//"))"""), [])

    def test_every_view(self):
        archive = str(FOLDER / "hostile.sqlite")
        things = lines("sessions", "--archive", archive)
        connections = [connection for thing in things for connection in thing["connections"]]
        talk = next(connection["conversation"]["id"] for connection in connections if connection.get("conversation"))
        identifier = connections[0]["id"]
        self.page.evaluate("localStorage.setItem('butterflynet.preferences', JSON.stringify({ fold: [] }))")
        paths = ["/", "/talks", "/live", "/findings", "/files", "/search?q=pageHit", "/search?q=evil", f"/{talk}", f"/{talk}?beside=protocol"]
        for connection in connections:
            paths += [f"/{connection['id']}{tab}" for tab in ("", "/ladder", "/findings", "/files", "?as=text")]
        paths += [f"/export?of={identifier}&format={name}&redacted={redacted}" for name in ("jsonl", "html") for redacted in (0, 1)]
        paths.append(f"/{identifier}.20?panel=contacts")
        for path in paths:
            with self.subTest(path=path):
                self.go(path)
                self.page.wait_for_timeout(400)
                self.unharmed()

    def test_every_row_has_one_height_and_its_detail_is_harmless(self):
        archive = str(FOLDER / "hostile.sqlite")
        self.page.evaluate("localStorage.setItem('butterflynet.preferences', JSON.stringify({ fold: [] }))")
        for thing in lines("sessions", "--archive", archive):
            for connection in thing["connections"]:
                self.go("/" + connection["id"])
                expect(self.page.locator(".row[data-key]").first).to_be_visible()
                for _ in range(60):
                    self.press("j")
                self.assertEqual(self.page.evaluate("[...new Set([...document.querySelectorAll('.row[data-key]')].map((row) => row.offsetHeight))]"), [22])
                self.page.wait_for_timeout(300)
                self.unharmed()

    def test_directions_stay_in_their_element(self):
        archive = str(FOLDER / "hostile.sqlite")
        talk = next(connection["conversation"]["id"] for thing in lines("sessions", "--archive", archive) for connection in thing["connections"] if connection.get("conversation"))
        self.go("/" + talk)
        expect(self.page.locator(".item").first).to_be_visible()
        self.press("/")
        self.page.keyboard.type("turned")
        self.press("Enter")
        words = self.page.locator(".item.selected .words")
        expect(words).to_be_attached()
        self.assertEqual(words.evaluate("(node) => getComputedStyle(node).unicodeBidi"), "isolate")
        self.assertIn(words.evaluate("(node) => getComputedStyle(node).display"), ("block", "inline-block"))

    def test_addresses(self):
        self.allowed = "400|404"
        for attack in hostile.ATTACKS[:14]:
            for form in ("/search?q=%s", "/c1?where=%s", "/findings?name=%s", "/export?of=%s", "/c1?sel=%s&b=%s", "/live?of=%s", "/c1?at=%s"):
                address = form.replace("%s", hostile.percent(attack))
                self.page.goto(self.site.base + address)
                self.page.wait_for_timeout(60)
                self.assertFalse(self.page.evaluate("window.pageHit ?? 0"), address)
        self.unharmed()

    def test_exported_pages_run_nothing(self):
        self.page.goto("about:blank")
        archive = str(FOLDER / "hostile.sqlite")
        things = lines("sessions", "--archive", archive)
        identifier = things[0]["connections"][0]["id"]
        self.go(f"/{identifier}/ladder")
        with self.page.expect_download() as saved:
            self.page.get_by_role("button", name="SVG").click()
        saved.value.save_as(FOLDER / "ladder.svg")
        text = (FOLDER / "ladder.svg").read_text(encoding="utf-8")
        for wrong in ("<script", "<foreignObject", "href=", " onload", "<image", "<a "):
            self.assertNotIn(wrong, text)


if __name__ == "__main__":
    unittest.main()
