"""axe-core over all views in both themes; narrow screens lose nothing."""
import unittest

from axe_playwright_python.sync_playwright import Axe
from support import PageTest, captures, expect

axe = Axe()


class Accessible(PageTest):
    def views(self):
        identifier = self.sign_in()
        connection = self.page.evaluate("""async (id) => { const key = localStorage.getItem("butterflynet.key");
            const answer = await fetch("/api/v1/sign-ins/" + id, { headers: { "X-Butterflynet-Key": key } }); return (await answer.json()).connections.find((one) => one.conversation); }""", identifier)
        talk, switchboard = connection["conversation"]["id"], connection["id"]
        return [("/", ".level1"), ("/talks", ".talk-row"), ("/live", ".row"), ("/findings", ".page-body > *"), ("/files", ".page-body > *"), ("/search?q=perfect", ".hit"),
                (f"/{identifier}", ".row"), (f"/{switchboard}.5", ".field"), (f"/{switchboard}.5?panel=contacts", ".contacts-box > *"), (f"/{talk}", ".item"), (f"/{talk}?beside=protocol&at={switchboard}.8", ".beside .row"),
                (f"/{identifier}/ladder", ".ladder-row"), (f"/{identifier}/findings", ".page-body > *"), (f"/{identifier}/files", ".page-body > *"), (f"/{identifier}?as=text", ".as-text"), ("/?as=text", ".as-text"), (f"/{talk}?beside=ladder&at={switchboard}.8", ".beside .ladder-row"), (f"/export?of={identifier}&format=text", ".preview-row"),
                (f"/export?of={identifier}&redacted=1", "button.primary"), (f"/{identifier}?where=verb+%3D%3D+ZZZ", ".empty")]

    def check(self):
        for path, wanted in self.views():
            with self.subTest(path=path, theme=self.theme, width=self.width):
                self.go(path)
                expect(self.page.locator(wanted).first).to_be_attached()
                self.page.wait_for_load_state("networkidle") if not path.startswith("/live") else None
                violations = axe.run(self.page).response["violations"]
                self.assertEqual([(one["id"], [node["target"] for node in one["nodes"][:3]]) for one in violations], [])
                self.assertLessEqual(self.page.evaluate("document.documentElement.scrollWidth"), self.width)

    def test_light(self):
        self.check()

    def test_dialogs(self):
        self.press("?")
        expect(self.page.locator("dialog.help")).to_be_visible()
        self.assertEqual([one["id"] for one in axe.run(self.page).response["violations"]], [])


class Dark(Accessible):
    theme = "dark"
    test_light = None

    def test_dark(self):
        self.check()


class Narrow(Accessible):
    width, height = 320, 640
    test_light = None

    def test_narrow(self):
        self.check()


class SignIn(PageTest):
    server = staticmethod(captures)

    def test_the_form(self):
        # The page that is open would sign in again with the token that it remembers.
        self.page.goto("about:blank")
        self.context.clear_cookies()
        self.allowed = "401"
        self.page.goto(self.site.base + "/findings")
        expect(self.page.locator(".sign-in")).to_be_visible()
        self.assertEqual([one["id"] for one in axe.run(self.page).response["violations"]], [])
        self.page.get_by_label("Link or token").fill("wrong")
        self.press("Enter")
        expect(self.page.locator(".form-error")).to_contain_text("not the token")
        self.page.get_by_label("Link or token").fill(self.site.token)
        self.press("Enter")
        expect(self.page.locator(".sign-in")).to_have_count(0)
        expect(self.page.locator("details.group").first).to_be_visible()
        self.assertEqual(self.path(), "/findings")


if __name__ == "__main__":
    unittest.main()
