"""Every address of the page opens in a new tab, and what it says is there again."""
import re
import unittest

from support import ROOT, PageTest, demo_archive, expect, lines


class Addresses(PageTest):
    def test_every_view_opens_in_a_new_tab(self):
        identifier = self.sign_in()
        session = next(item for item in lines("sessions", "--archive", str(demo_archive())) if item["id"] == identifier)
        switchboard = next(one for one in session["connections"] if one.get("conversation"))
        connection, talk, other = switchboard["id"], switchboard["conversation"]["id"], self.sign_in("bob@example.com")
        cases = [("/", ".level1"), ("/talks", ".talk-row"), ("/live", ".row"), ("/files", "h1"), ("/findings", "h1"), ("/search?q=perfect", ".hit"), (f"/export?of={identifier}", "button.primary"),
                 (f"/{identifier}", ".row"), (f"/{connection}", ".row"), ("/r1", ".row"), (f"/{connection}.3", ".row.selected"), (f"/{talk}", ".item"), (f"/{talk}/protocol", ".row"), (f"/{identifier}/talk", ".item"),
                 (f"/{identifier}/ladder", ".ladder-row"), (f"/{connection}/ladder", ".ladder-row"), (f"/{identifier}/findings", ".tabs"), (f"/{identifier}/files", ".tabs"),
                 (f"/{identifier}?at={connection}.3", ".row.selected"), (f"/{connection}.3?sel=args.0", ".field[aria-selected=true]"), (f"/{connection}.3?b=0-2", ".bytes .marked"),
                 (f"/{talk}?beside=protocol&at={connection}.8", ".beside .row.selected"), (f"/{identifier}?where=verb+%3D%3D+CAL", ".row"), (f"/{connection}.3?panel=contacts", ".contacts-box > *"), (f"/{identifier}?as=text", ".as-text"),
                 ("/?as=text", ".as-text"), ("/talks?as=text", ".as-text"), (f"/{talk}?as=text", ".as-text"), (f"/{identifier}/ladder?as=text", ".as-text"), ("/?at=2100-01-01T00:00:00Z", ".level1"), ("/?where=account+contains+alice", ".level1"),
                 (f"/{identifier}/ladder?beside={other}", ".ladder-row"), (f"/{talk}?beside=ladder&at={connection}.8", ".beside .ladder-row.selected"), (f"/export?of={identifier}&format=html", ".preview-row")]
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
        """Files of the page that a view loads when the browser has none of them: at most so many kilobytes and requests."""
        identifier = self.sign_in()
        session = next(item for item in lines("sessions", "--archive", str(demo_archive())) if item["id"] == identifier)
        switchboard = next(one for one in session["connections"] if one.get("conversation"))
        cases = [("/", ".level1", 121, 18), ("/talks", ".talk-row", 114, 18), (f"/{identifier}", ".row", 150, 22), (f"/{switchboard['conversation']['id']}", ".item", 145, 23),
                 (f"/{switchboard['id']}.5", ".field", 189, 27), ("/search?q=perfect", ".hit", 99, 15)]
        names = re.findall(r', name: "([^"]+)"', (ROOT / "Sources/Web/Assets/Assets.swift").read_text())
        self.assertGreater(len(names), 40)
        self.assertLessEqual(sum(len(self.page.request.get(f"{self.site.base}/assets/{name}").body()) for name in names if name != "index.html"), 232 * 1024)
        for path, wanted, kilobytes, requests in cases:
            with self.subTest(path=path):
                tab, files = self.opened(), []
                tab.on("response", lambda answer: files.append(answer) if "/api/" not in answer.url else None)
                tab.goto(self.site.base + path)
                expect(tab.locator(wanted).first).to_be_visible()
                tab.wait_for_load_state("networkidle")
                self.assertLessEqual(sum(len(answer.body()) for answer in files), kilobytes * 1024)
                self.assertLessEqual(len(files), requests)
                tab.close()


if __name__ == "__main__":
    unittest.main()
