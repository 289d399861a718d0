"""Makes the picture of the page in the README from the demo's archive: screenshot.py FILE."""
import sys

from support import PageTest, demo, expect, lines, demo_archive


class Screenshot(PageTest):
    server = staticmethod(demo)
    width, height, theme = 1360, 820, "light"
    target = None

    def runTest(self):
        session = next(item for item in lines("sessions", "--archive", str(demo_archive())) if item["account"] == "alice@example.com")
        switchboard = next(one for one in session["connections"] if one.get("conversation"))
        self.go(f"/{switchboard['conversation']['id']}?beside=protocol")
        words = self.page.locator(".item .words", has_text="Guess which")
        words.click()
        expect(self.page.locator(".beside .row.selected")).to_be_visible()
        self.page.locator(".field", has_text="Guess which").click()
        expect(self.page.locator(".item mark.bound")).to_be_visible()
        self.page.wait_for_load_state("networkidle")
        self.page.screenshot(path=self.target)


if __name__ == "__main__":
    Screenshot.target = sys.argv[1]
    result = Screenshot().run()
    for _, text in result.failures + result.errors:
        sys.exit(text)
