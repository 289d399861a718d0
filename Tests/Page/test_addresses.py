"""Every address of the page opens in a new tab, and what it says is there again."""
import unittest

from support import PageTest, demo_archive, expect, lines


class Addresses(PageTest):
    def test_every_view_opens_in_a_new_tab(self):
        identifier = self.sign_in()
        session = next(item for item in lines("sessions", "--archive", str(demo_archive())) if item["id"] == identifier)
        switchboard = next(one for one in session["connections"] if one.get("conversation"))
        connection, talk = switchboard["id"], switchboard["conversation"]["id"]
        cases = [("/", ".level1"), ("/talks", ".talk-row"), ("/live", ".row"), ("/files", "h1"), ("/findings", "h1"), ("/search?q=perfect", ".hit"), (f"/export?of={identifier}", "button.primary"),
                 (f"/{identifier}", ".row"), (f"/{connection}", ".row"), ("/r1", ".row"), (f"/{connection}.3", ".row.selected"), (f"/{talk}", ".item"), (f"/{talk}/protocol", ".row"), (f"/{identifier}/talk", ".item"),
                 (f"/{identifier}/ladder", ".ladder-row"), (f"/{connection}/ladder", ".ladder-row"), (f"/{identifier}/findings", ".tabs"), (f"/{identifier}/files", ".tabs"),
                 (f"/{identifier}?at={connection}.3", ".row.selected"), (f"/{connection}.3?sel=args.0", ".field[aria-selected=true]"), (f"/{connection}.3?b=0-2", ".bytes .marked"),
                 (f"/{talk}?beside=protocol&at={connection}.8", ".beside .row.selected"), (f"/{identifier}?where=verb+%3D%3D+CAL", ".row"), (f"/{connection}.3?panel=contacts", ".contacts-box > *"), (f"/{identifier}?as=text", ".as-text")]
        for path, wanted in cases:
            with self.subTest(path=path):
                tab = self.opened()
                tab.goto(self.site.base + path)
                expect(tab.locator(wanted).first).to_be_visible()
                self.assertEqual(tab.evaluate("location.pathname + location.search"), path)
                tab.close()

    def test_unknown_forms_are_not_found(self):
        self.allowed = "403|404"
        for path in ("/nothing", "/s0", "/c1.0", "/s1/nothing", "/c1.2.3", "/assets/", "/assets/../index.html", "/api/v2/"):
            answer = self.page.goto(self.site.base + path)
            self.assertIn(answer.status, (403, 404), path)

    def test_memory_of_the_page_is_bounded(self):
        self.go("/r1")
        expect(self.page.locator(".row").first).to_be_visible()
        for _ in range(10):
            self.press("PageDown")
        self.assertLess(self.page.evaluate("document.querySelectorAll('*').length"), 6000)

    def test_weight_and_number_of_requests(self):
        tab = self.opened()
        sizes = []
        tab.on("response", lambda answer: sizes.append((answer.url, answer)))
        tab.goto(self.site.base + "/")
        expect(tab.locator(".level1").first).to_be_visible()
        total = sum(len(answer.body()) for url, answer in sizes if "/api/" not in url)
        self.assertLessEqual(total, 150 * 1024)
        self.assertLessEqual(len(sizes), 20)


if __name__ == "__main__":
    unittest.main()
