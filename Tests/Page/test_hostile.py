"""Hostile names, texts, headers, file names and XML: nothing runs, nothing is asked for elsewhere, nothing leaves its element.
Attack rows 9, 10, 11, 14 and 15: 64 attacks in 32 places, in all views and in all exports."""
import json
import re
import unittest
import xml.etree.ElementTree

import hostile
from support import FOLDER, PageTest, Server, browser, expect, lines, run, shared

PREFERENCES = "localStorage.setItem('butterflynet.preferences', JSON.stringify({ fold: [] }))"


def archive():
    """An archive with every attack in every place, and with recordings whose files have hostile names."""
    path = FOLDER / "hostile.sqlite"
    if not path.exists():
        capture = FOLDER / "hostile <b>.pcap"
        hostile.write(capture)
        run("import", "--quiet", "--archive", str(path), str(capture))
        folder = FOLDER / "names"
        folder.mkdir()
        for number, attack in enumerate(hostile.ATTACKS):
            name = f"{number} " + attack.replace("/", "\u2215").replace("\0", "")[:50]
            hostile.write_small(folder / f"{name}.pcap", f"talk {number}")
        run("import", "--quiet", "--separately", "--archive", str(path), str(folder))
    return str(path)


def attacked():
    if "hostile" not in shared:
        shared["hostile"] = Server("--archive", archive(), "--listen", "127.0.0.1:0")
    return shared["hostile"]


def connections():
    """The connections of the battery, without those of the small recordings."""
    return [connection for thing in lines("sessions", "--archive", archive()) for connection in thing["connections"] if connection["frames"] > 100 or connection.get("role") == "NS"]


def talk_of_battery():
    return next(one["conversation"]["id"] for one in connections() if one.get("conversation"))


class Places(unittest.TestCase):
    """The battery is as large as it says, and each place is one that the program reads."""

    def test_the_battery_is_complete(self):
        self.assertGreaterEqual(len(set(hostile.ATTACKS)), 60)
        self.assertGreaterEqual(len(hostile.PLACES) + 1, 25)

    def test_each_place_is_read(self):
        name = lambda place: "Canary" + "".join(letter for letter in place.title() if letter.isalpha())
        capture = FOLDER / "canary.pcap"
        hostile.write(capture, name)
        events = [json.loads(line) for line in run("decode", str(capture), "--format", "jsonl").splitlines()]
        for place in hostile.PLACES:
            with self.subTest(place=place):
                kind = "finding" if place == "what a finding quotes" else "frame"
                self.assertTrue(any(name(place) in json.dumps(event) for event in events if event["event"] == kind))
        self.assertGreater(len(lines("sessions", "--archive", archive())), len(hostile.ATTACKS))


class Battery(PageTest):
    server = staticmethod(attacked)

    def harm(self, page=None):
        """What would be there if an attack had worked; empty if none did."""
        return (page or self.page).evaluate("""() => {
            const found = window.pageHit ? ["a script from the wire ran"] : [];
            for (const node of document.querySelectorAll("*")) for (const one of node.attributes)
              if (one.name.startsWith("on") || (/^\\s*javascript:/i.test(one.value) && ["href", "src", "action"].includes(one.name))) found.push(one.name + "=" + one.value);
            for (const node of document.querySelectorAll("script:not([src^='/assets/']), iframe, object, embed, base, form[action], style, link:not([href^='/assets/']), meta[http-equiv], template, math"))
              found.push(node.outerHTML.slice(0, 80));
            for (const node of document.querySelectorAll("a[href]")) { const to = node.getAttribute("href"); if (!to.startsWith("/") || to.startsWith("//")) found.push(to); }
            return found; }""")

    def unharmed(self):
        self.assertEqual(self.harm(), [])

    def test_harm_would_be_noticed(self):
        """Control: the same look at a page without a defence finds each kind of harm."""
        page = browser().new_context().new_page()
        page.set_content(f"{hostile.ATTACKS[0]}{hostile.ATTACKS[1]}<a href='javascript:1'>x</a>{hostile.ATTACKS[6]}{hostile.ATTACKS[8]}")
        page.wait_for_timeout(200)
        found = " ".join(self.harm(page))
        page.context.close()
        for sign in ("a script", "onerror", "javascript:", "http://evil.example/", "<base"):
            self.assertIn(sign, found)

    def test_every_view(self):
        """Attack row 9."""
        self.page.evaluate(PREFERENCES)
        talk, identifier = talk_of_battery(), connections()[0]["id"]
        paths = ["/", "/talks", "/live", "/findings", "/files", "/search?q=pageHit", "/search?q=evil", f"/{talk}", f"/{talk}?beside=protocol"]
        for connection in connections():
            paths += [f"/{connection['id']}{tab}" for tab in ("", "/ladder", "/findings", "/files", "?as=text")]
        paths += [f"/export?of={identifier}&format={name}&redacted={redacted}" for name in ("jsonl", "html") for redacted in (0, 1)]
        paths.append(f"/{identifier}.20?panel=contacts")
        for path in paths:
            with self.subTest(path=path):
                self.go(path)
                self.page.wait_for_timeout(400)
                self.unharmed()

    def test_all_rows_and_all_findings(self):
        """Attack row 9, 14 and 15: each row has one height and each column its place, whatever is in it."""
        self.page.evaluate(PREFERENCES)
        for connection in connections():
            count, seen = len([event for event in lines("show", connection["id"], "--archive", archive()) if event["event"] == "frame"]), set()
            for number in range(1, count, 90):
                self.go(f"/{connection['id']}?at={connection['id']}.{number}")
                expect(self.page.locator(".row.selected")).to_be_visible()
                seen |= set(self.page.evaluate("[...document.querySelectorAll('.row.event-frame')].map((row) => row.dataset.key)"))
                self.assertEqual(self.page.evaluate("[...new Set([...document.querySelectorAll('.row[data-key]')].map((row) => row.offsetHeight))]"), [22])
                self.assertEqual(self.page.evaluate("new Set([...document.querySelectorAll('.row.event-frame')].map((row) => row.querySelector('.c-line').offsetLeft)).size"), 1)
                self.unharmed()
            self.assertGreater(len(seen), count * 0.95, "not all rows were seen")
        self.go("/findings")
        expect(self.page.locator("details.group").first).to_be_visible()
        for group in self.page.locator("details.group > summary").all():
            group.click()
        expect(self.page.locator(".finding-row").first).to_be_visible()
        self.page.wait_for_load_state("networkidle")
        self.unharmed()

    def test_details(self):
        """Attack row 9: the fields and bytes of events of every place."""
        for connection in connections():
            count = sum(1 for event in lines("show", connection["id"], "--archive", archive()) if event["event"] == "frame")
            self.go("/" + connection["id"] + ".1")
            for number in range(2, count, 13):
                self.page.evaluate("(path) => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate', { state: null })); }", f"/{connection['id']}.{number}")
                expect(self.page.locator(".detail-title .id")).to_have_text(f"{connection['id']}.{number}")
                self.unharmed()

    def test_what_looks_like_a_mask(self):
        """Attack row 14: masks are elements; what somebody wrote that looks like one is text."""
        self.page.evaluate(PREFERENCES)
        identifier = next(one["id"] for one in connections() if one["role"] == "NS")
        self.go(f"/{identifier}?where=" + hostile.percent("verb == USR"))
        expect(self.page.locator(".row .mask").first).to_be_visible()
        self.go(f"/{identifier}?where=" + hostile.percent("verb == NLN"))
        forged = self.page.locator(".row .c-line", has_text="\u2039secret:aaaaaa\u203a")
        expect(forged.first).to_be_visible()
        expect(self.page.locator(".row .mask")).to_have_count(0)
        forged.first.click()
        expect(self.page.locator(".field").first).to_be_visible()
        expect(self.page.locator(".detail .mask")).to_have_count(0)

    def test_names_hide_and_turn_nothing(self):
        """Attack row 14: outside of texts in a block of their own, nothing that is invisible or changes the direction is in the document."""
        hidden = re.compile("[\u00ad\u034f\u061c\u115f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\U000e0000-\U000e007f\x00-\x08\x0e-\x1f\x7f-\x9f]")
        self.assertRegex("".join(hostile.ATTACKS), hidden)
        self.page.evaluate(PREFERENCES)
        for path in ["/", "/talks", "/findings", "/files", f"/{talk_of_battery()}", f"/{connections()[0]['id']}.20?panel=contacts"] + [f"/{one['id']}" for one in connections()]:
            self.go(path)
            self.page.wait_for_timeout(300)
            texts = self.page.evaluate("""() => { const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
                while (walker.nextNode()) { const box = walker.currentNode.parentElement.closest("[dir], bdi, pre");
                  if (!box || getComputedStyle(box).unicodeBidi === "normal") found.push(walker.currentNode.data); } return found; }""")
            self.assertEqual([text for text in texts if hidden.search(text)][:3], [], path)

    def test_long_texts_stay_in_the_view(self):
        """Attack row 15: a line without a blank is broken, and marks over marks do not reach into other entries."""
        self.go("/" + talk_of_battery())
        expect(self.page.locator(".item").first).to_be_visible()
        self.press("End")
        expect(self.page.locator(".item .words", has_text="WWWW").last).to_be_attached()
        self.assertLessEqual(self.page.evaluate("document.documentElement.scrollWidth"), self.width)
        self.assertEqual(self.page.evaluate("[...document.querySelectorAll('.item .words')].filter((node) => node.scrollWidth > node.clientWidth + 1).length"), 0)
        marks = self.page.evaluate("""Math.max(0, ...[...document.querySelectorAll('.item .words')].map((node) => Math.max(0, ...(node.textContent.match(/\\u0301+/g) ?? []).map((run) => run.length))))""")
        self.assertLessEqual(marks, 16)

    def test_directions_stay_in_their_element(self):
        """Attack row 15: an isolate that somebody ended does not end ours."""
        self.go("/search?q=turned")
        self.page.locator(".hit a.item-link").first.click()
        words = self.page.locator(".item.selected .words")
        expect(words).to_be_attached()
        self.assertEqual(words.evaluate("(node) => getComputedStyle(node).unicodeBidi"), "isolate")
        self.assertIn(words.evaluate("(node) => getComputedStyle(node).display"), ("block", "inline-block"))

    def test_addresses(self):
        """Attack row 10: attacks in the path, the query and the fragment."""
        self.allowed = "400|401|403|404|414"
        forms = ("/search?q=%s", "/c1?where=%s", "/findings?name=%s", "/export?of=%s", "/c1?sel=%s&b=%s", "/live?of=%s", "/c1?at=%s", "/%s", "/c1/%s", "/?%s", "/#%s", "/#token=%s", "/c1?panel=%s&as=%s&tz=%s")
        for number, attack in enumerate(hostile.ATTACKS):
            for form in forms if number < 4 else (forms[number % len(forms)], forms[(number + 5) % len(forms)]):
                address = form.replace("%s", hostile.percent(attack, 900))
                self.page.goto(self.site.base + address)
                self.page.wait_for_timeout(30)
                self.assertFalse(self.page.evaluate("window.pageHit ?? 0"), address)
        for fragment in ("#token=%", "#token=", "#token=%00", "#%", "#<script>"):
            self.page.goto("about:blank")
            self.page.goto(self.site.base + "/" + fragment)
            expect(self.page.locator("main")).not_to_be_empty()
        self.unharmed()


class Exports(unittest.TestCase):
    """Attack row 11: exported files are opened as files, where no server protects anybody."""

    def opened(self, path):
        """What happens when a browser opens a file: scripts that ran, dialogs, requests, and reports of a policy."""
        context = browser().new_context()
        self.addCleanup(context.close)
        context.add_init_script("window.reports = []; document.addEventListener('securitypolicyviolation', (event) => window.reports.push(event.violatedDirective + ' ' + event.blockedURI));")
        page, seen = context.new_page(), []
        page.on("dialog", lambda dialog: (seen.append("dialog"), dialog.dismiss()))
        page.on("request", lambda request: seen.append("request " + request.url) if request.url != path.as_uri() and not request.url.startswith("data:image/") else None)
        page.on("console", lambda message: seen.append("console " + message.text))
        page.goto(path.as_uri())
        page.wait_for_timeout(300)
        for link in page.locator("a[href]").evaluate_all("(nodes) => nodes.map((node) => node.href)"):
            if not link.startswith(path.as_uri() + "#"):
                seen.append("link " + link)
        return seen + page.evaluate("window.reports ?? []") + (["script"] if page.evaluate("window.pageHit ?? 0") else [])

    def test_what_works_is_seen(self):
        """Control: files without a defence do all of it."""
        page = FOLDER / "control.html"
        page.write_text(f"<meta http-equiv=Content-Security-Policy content=\"img-src 'none'\"><script>alert(1);{hostile.HIT}</script><img src=http://127.0.0.1:1/x><link rel=stylesheet href=http://127.0.0.1:1/y>{hostile.ATTACKS[6]}")
        seen = " ".join(self.opened(page))
        for sign in ("dialog", "script", "request http://127.0.0.1:1/y", "img-src", "link http://evil.example/"):
            self.assertIn(sign, seen)
        picture = FOLDER / "control.svg"
        picture.write_text(f"<svg xmlns='http://www.w3.org/2000/svg'><script>{hostile.HIT}</script></svg>")
        self.assertIn("script", self.opened(picture))

    def exported(self, name, *arguments):
        path = FOLDER / name
        path.write_text(run(*arguments, "--archive", archive()), encoding="utf-8")
        self.assertGreater(path.stat().st_size, 500)
        return path

    def test_pages(self):
        for number, arguments in enumerate((("transcript", "--format", "html"), ("transcript", talk_of_battery(), "--format", "html", "--typing"))):
            self.assertEqual(self.opened(self.exported(f"talks {number}.html", *arguments)), [])
        output = FOLDER / "extracted"
        run("extract", "--archive", archive(), "--into", str(output), "--incomplete")
        for page in output.glob("*.html"):
            self.assertEqual(self.opened(page), [])

    def test_pictures_of_ladders(self):
        for connection in connections():
            path = self.exported(f"{connection['id']}.svg", "ladder", connection["id"], "--format", "svg", "--unfold", "presence", "--unfold", "lists", "--unfold", "typing", "--unfold", "data")
            self.assertEqual(self.opened(path), [])
            text = path.read_text(encoding="utf-8")
            elements = list(xml.etree.ElementTree.fromstring(text).iter())
            self.assertEqual({element.tag.rpartition("}")[2] for element in elements}, {"svg", "style", "g", "line", "path", "text"})
            self.assertEqual({name for element in elements for name in element.attrib if name.lower().startswith("on") or "href" in name or name == "style"}, set())
            self.assertTrue(any("<script>" in (element.text or "") for element in elements) or connection["role"] != "SB")

    def test_texts(self):
        """Text is shown as text; Mermaid has nothing in it that Mermaid or HTML would obey."""
        unfolded = [word for group in ("presence", "lists", "pings", "typing", "data") for word in ("--unfold", group)]
        arrows = r"participant p\d+ as |p\d+(->>|-\)|--\))p\d+: |Note (over|right of) p\d+: "
        for connection in connections():
            text = self.exported(f"{connection['id']} ladder.txt", "ladder", connection["id"], "--format", "text", *unfolded)
            self.assertEqual(self.opened(text), [])
            shown = self.exported(f"{connection['id']} events.txt", "show", connection["id"])
            self.assertEqual(self.opened(shown), [])
            diagram = self.exported(f"{connection['id']}.mmd", "ladder", connection["id"], "--format", "mermaid", *unfolded).read_text(encoding="utf-8")
            first, *rest = diagram.rstrip("\n").split("\n")
            self.assertEqual(first, "sequenceDiagram")
            for line in rest:
                head = re.match(f"    (?:{arrows})", line)
                self.assertTrue(head, line[:80])
                label = line[head.end():]
                self.assertNotRegex(re.sub(r"#\d+;", "", label), r"[<>&\"`%{}\\;#]")
                self.assertNotRegex(label, r"(?i)(^| )end( |$)")
        transcript = self.exported("talks.txt", "transcript", "--format", "text")
        self.assertEqual(self.opened(transcript), [])
        self.assertNotRegex(transcript.read_text(encoding="utf-8"), "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

    def test_saved_by_the_page(self):
        """What the page saves is what the commands write; the page's own pictures of ladders too."""
        class Saving(PageTest):
            server = staticmethod(attacked)

            def runTest(saving):
                for connection in connections():
                    saving.go(f"/{connection['id']}/ladder")
                    with saving.page.expect_download() as saved:
                        saving.page.get_by_role("button", name="SVG").click()
                    saved.value.save_as(FOLDER / f"page {connection['id']}.svg")

        result = Saving().run()
        for _, text in result.failures + result.errors:
            self.fail(text)
        for connection in connections():
            self.assertEqual(self.opened(FOLDER / f"page {connection['id']}.svg"), [])


if __name__ == "__main__":
    unittest.main()
