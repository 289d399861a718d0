"""Attacks on the page from other pages, ports, programs and users, as rows of a table. What can be shown without a browser is
tested in Tests/WebTests; each test names its row. Controls show that an attack works where the defence is missing."""
import http.client
import http.server
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

import hostile
from support import CHROMIUM, FOLDER, PROGRAM, PageTest, Server, browser, demo, demo_archive, expect, lines, run, shared


class Site:
    """A server of somebody else on another port of 127.0.0.1. `pages`: path → (type, text or bytes, further headers)."""

    def __init__(self, pages, port=0):
        self.requests = requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(handler):
                requests.append((handler.command, handler.path, dict(handler.headers)))
                kind, body, headers = (*pages.get(handler.path.split("?")[0], ("text/plain", "nothing", {})), {})[:3]
                body = body.encode() if isinstance(body, str) else body
                handler.send_response(200)
                for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
                    handler.send_header(name, value)
                handler.end_headers()
                handler.wfile.write(body)

            do_POST = do_GET

            def log_message(handler, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def asked(site, path, method="GET", headers=None, body=None):
    """An answer to a program that is no browser: status, headers, body."""
    connection = http.client.HTTPConnection("127.0.0.1", int(site.base.rsplit(":", 1)[1]), timeout=20)
    connection.request(method, path, body=body, headers=headers or {})
    answer = connection.getresponse()
    try:
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


# What a page of somebody else tries: what it learns is in window.learned.
EVIL = """<!DOCTYPE html><title>evil</title><form id=form method=post target=there><input name=token value=x></form><iframe name=there></iframe><script type=module>
const target = new URLSearchParams(location.search).get("target"), learned = window.learned = {};
const element = (name, path) => new Promise((resolve) => { const node = document.createElement(name); node.onload = () => resolve("loaded"); node.onerror = () => resolve("refused"); node.src = target + path; document.body.append(node); });
const within = (promise) => Promise.race([promise, new Promise((resolve) => setTimeout(() => resolve("nothing"), 3000))]);
const read = (path, options) => fetch(target + path, options).then((answer) => answer.text().then((text) => answer.type === "opaque" ? "opaque" : "read " + text.length), () => "refused");
const jobs = {
  fetch: () => read("/api/v1/sign-ins"), credentials: () => read("/api/v1/sign-ins", { credentials: "include" }), blind: () => read("/api/v1/sign-ins", { mode: "no-cors", credentials: "include" }),
  key: () => read("/api/v1/sign-ins", { credentials: "include", headers: { "X-Butterflynet-Key": "x" } }), post: () => read("/api/v1/session", { method: "POST", mode: "no-cors", body: '{"token":"x"}' }),
  image: () => element("img", "/api/v1/sign-ins"), script: () => element("script", "/assets/app.js"), dataAsScript: () => element("script", "/api/v1/sign-ins"), media: () => element("img", "/api/v1/media/" + "0".repeat(64)),
  events: () => new Promise((resolve) => { const source = new EventSource(target + "/api/v1/state", { withCredentials: true }); source.onopen = () => resolve("open"); source.onerror = () => resolve("refused"); }),
  socket: () => new Promise((resolve) => { const socket = new WebSocket(target.replace("http", "ws") + "/api/v1/state"); socket.onopen = () => resolve("open"); socket.onerror = () => resolve("refused"); }),
};
for (const [name, job] of Object.entries(jobs)) learned[name] = await within(job());
document.querySelector("form").action = target + "/api/v1/session";
document.querySelector("form").submit();
window.done = true;
</script>"""


class OtherPages(PageTest):
    """Attack rows 2, 3, 7 and 8: pages on another port of the same host, in the browser of somebody who is signed in."""

    def setUp(self):
        super().setUp()
        self.allowed = "."
        self.evil = Site({"/": ("text/html", EVIL), "/frame": ("text/html", "<iframe id=f width=600 height=400></iframe>")})
        self.addCleanup(self.evil.stop)

    def tearDown(self):
        # Requests of these pages to elsewhere are what is tested.
        self.foreign.clear()
        for page in self.context.pages[1:]:
            page.close()
        super().tearDown()

    def attack(self, target):
        """What the evil page learns from a target, and the statuses of the answers that it got."""
        page, addresses, answers = self.context.new_page(), {}, []
        # What a browser keeps from a page is no answer for Playwright, but it is one for the protocol below it.
        network = self.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.requestWillBeSent", lambda event: addresses.update({event["requestId"]: event["request"]["url"]}))
        network.on("Network.responseReceivedExtraInfo", lambda event: answers.append((event["statusCode"], addresses.get(event["requestId"], ""))))
        page.goto(f"{self.evil.base}/?target={target}")
        expect(page.locator("form")).to_have_attribute("action", re.compile("session"))
        page.wait_for_timeout(500)
        learned = page.evaluate("window.learned")
        page.close()
        return learned, [answer for answer in answers if answer[1].startswith(target)]

    def test_nothing_is_read_or_run(self):
        """Attack row 2."""
        learned, answers = self.attack(self.site.base)
        self.assertEqual({name: told for name, told in learned.items() if told not in ("refused", "opaque", "nothing")}, {})
        self.assertGreater(len(answers), 6)
        self.assertEqual([answer for answer in answers if answer[0] not in (403, 404)], [], "every request of another page is refused")
        self.assertIn("refused a request: Another page asked for this.", (FOLDER / "server.log").read_text())

    def test_without_the_defence_all_of_it_is(self):
        """Control of row 2: a server that answers everybody."""
        cors = {"Access-Control-Allow-Origin": self.evil.base, "Access-Control-Allow-Credentials": "true", "Access-Control-Allow-Headers": "*"}
        open_site = Site({"/api/v1/sign-ins": ("application/json", '{"items":[]}', cors), "/assets/app.js": ("text/javascript", "1"), "/api/v1/state": ("text/event-stream", "data: 1\n\n", cors)})
        self.addCleanup(open_site.stop)
        learned, answers = self.attack(open_site.base)
        self.assertEqual((learned["fetch"], learned["credentials"], learned["script"], learned["events"]), ("read 12", "read 12", "loaded", "open"))
        self.assertTrue(any(status == 200 for status, _ in answers))

    def test_a_caught_cookie_opens_nothing(self):
        """Attack row 3: browsers send the cookie to every port of the host."""
        page = self.context.new_page()
        page.goto(self.evil.base + "/caught")
        cookie = next(headers["Cookie"] for _, path, headers in self.evil.requests if path == "/caught")
        self.assertIn("butterflynet-", cookie)
        for headers in ({"Cookie": cookie}, {"Cookie": cookie, "X-Butterflynet-Key": cookie.split("=")[1]}):
            self.assertEqual(asked(self.site, "/api/v1/sign-ins", headers=headers)[0], 401)
        # Control: with the other half it would be enough.
        key = self.page.evaluate("localStorage.getItem('butterflynet.key')")
        self.assertEqual(asked(self.site, "/api/v1/sign-ins", headers={"Cookie": cookie, "X-Butterflynet-Key": key})[0], 200)
        self.assertEqual(asked(self.site, "/api/v1/sign-ins", headers={"X-Butterflynet-Key": key})[0], 401, "attack row 4")

    def test_frames_stay_empty(self):
        """Attack row 8, also where a browser does not say that it asks for a frame."""
        page = self.context.new_page()
        page.goto(self.evil.base + "/frame")
        with page.expect_response(self.site.base + "/") as refused:
            page.evaluate("(address) => { document.getElementById('f').src = address; }", self.site.base + "/")
        self.assertEqual(refused.value.status, 403)
        status, headers, body = asked(self.site, "/")
        self.assertEqual(status, 200)

        def text_of_frame(headers):
            page.unroute_all()
            page.route(self.site.base + "/**", lambda route: route.fulfill(status=200, headers=headers, body=body) if route.request.resource_type == "document" else route.abort())
            page.goto(self.evil.base + "/frame")
            page.evaluate("(address) => { document.getElementById('f').src = address; }", self.site.base + "/")
            page.wait_for_timeout(700)
            frame = next((one for one in page.frames if one != page.main_frame), None)
            return frame.evaluate("document.querySelector('header') ? 'the page' : ''") if frame else ""

        self.assertEqual(text_of_frame({"Content-Type": "text/html"}), "the page", "control: without the headers the frame shows it")
        for name in ("content-security-policy", "x-frame-options"):
            value = next(value for key, value in headers.items() if key.lower() == name)
            self.assertEqual(text_of_frame({"Content-Type": "text/html", name: value}), "", name)

    def test_an_opened_page_says_nothing_to_its_opener(self):
        """A link from elsewhere works; the page that has it keeps no hold on what it opened."""
        page = self.context.new_page()
        page.goto(self.evil.base + "/frame")
        with self.context.expect_page() as opened:
            page.evaluate("(address) => { window.victim = window.open(address); }", self.site.base + "/")
        expect(opened.value.locator(".archive")).not_to_be_empty()
        self.assertTrue(page.evaluate("window.victim.closed"))
        self.assertIsNone(opened.value.evaluate("window.opener"))


class Tokens(PageTest):
    """Attack row 5: where the token of the link could be left."""

    def test_it_leaves_the_address_and_the_history_of_the_tab(self):
        self.assertNotIn("token", self.page.evaluate("location.href"))
        self.go("/talks")
        for _ in range(3):
            self.page.go_back()
            self.assertNotIn("token", self.page.evaluate("location.href"))

    def test_it_is_in_no_request_and_in_no_log(self):
        # The other tab's sign-in ends the session of this one, which takes up the new key.
        self.allowed = "401"
        addresses, referers = [], []
        self.page.on("request", lambda request: (addresses.append(request.url), referers.append(request.headers.get("referer"))))
        other = self.opened()
        other.on("request", lambda request: (addresses.append(request.url.split("#")[0]), referers.append(request.headers.get("referer"))))
        other.goto(self.site.link)
        expect(other.locator(".level1").first).to_be_visible()
        self.go("/talks?where=nonsense")
        self.go("/")
        self.assertGreater(len(addresses), 10)
        self.assertEqual([address for address in addresses if self.site.token in address], [])
        self.assertFalse(any(referers), referers)
        log = (FOLDER / "server.log").read_text()
        # The log has the printed link, once for each start of the program.
        self.assertEqual(log.count(self.site.token), log.count(self.site.link + "\n"))
        self.assertEqual(log.count(self.site.token), 1)
        self.assertNotIn("nonsense", log)

    def test_it_is_not_in_the_list_of_processes(self):
        for name in ("cmdline", "environ"):
            with open(f"/proc/{self.site.process.pid}/{name}", "rb") as file:
                self.assertNotIn(self.site.token.encode(), file.read())

    def test_a_prerendered_page_does_not_use_it(self):
        posts = []
        page = self.opened()
        page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
        page.add_init_script("let hidden = true; Object.defineProperty(Document.prototype, 'prerendering', { get: () => hidden }); window.reveal = () => { hidden = false; document.dispatchEvent(new Event('prerenderingchange')); };")
        page.goto(self.site.link)
        page.wait_for_timeout(500)
        self.assertEqual(posts, [])
        self.assertNotIn("token", page.evaluate("location.href"))
        page.evaluate("window.reveal()")
        expect(page.locator(".level1").first).to_be_visible()
        self.assertEqual(posts, [self.site.base + "/api/v1/session"])


class Profile(unittest.TestCase):
    """What a browser keeps on disk: attack rows 5 and 29."""

    def test_nothing_is_left_in_the_profile(self):
        folder = tempfile.mkdtemp(dir=FOLDER)
        server = Server("--archive", str(demo_archive()), "--listen", "127.0.0.1:0")
        self.addCleanup(server.stop)
        control = Site({"/": ("text/html", "<p>a text that is kept by the browser</p><script>localStorage.setItem('kept', 'a mark in the storage'); fetch('/cached')</script>", {"Cache-Control": "max-age=3600"}), "/cached": ("text/plain", "a text in the cache", {"Cache-Control": "max-age=3600"})})
        self.addCleanup(control.stop)
        browser()
        context = shared["browser"].browser_type.launch_persistent_context(folder, executable_path=CHROMIUM, args=["--no-sandbox"])
        page = context.new_page()
        page.goto(control.base)
        page.wait_for_timeout(300)
        page.goto(server.link)
        expect(page.locator(".level1").first).to_be_visible()
        page.goto(server.base + "/talks")
        page.locator(".talk-row").first.click()
        expect(page.locator(".item .words", has_text="Guess which")).to_be_visible()
        page.goto(server.base + "/search?q=perfect")
        expect(page.locator(".hit").first).to_be_visible()
        state = page.evaluate("""async () => ({ workers: (await navigator.serviceWorker.getRegistrations()).length, caches: await caches.keys(), bases: (await indexedDB.databases()).length,
            kept: Object.keys(localStorage), session: Object.keys(sessionStorage) })""")
        self.assertEqual((state["workers"], state["caches"], state["bases"]), (0, [], 0))
        self.assertLessEqual(set(state["kept"]) | set(state["session"]), {"butterflynet.key", "butterflynet.preferences", "butterflynet.filters", "butterflynet.reloaded"})
        context.close()
        found = {}
        words = {"Guess which protocol": "talk", "five is perfect": "talk", "bob@example.com": "account", "a text in the cache": "control", "a mark in the storage": "control"}
        for root, _, names in os.walk(folder):
            for name in names:
                try:
                    with open(os.path.join(root, name), "rb") as file:
                        data = file.read()
                except OSError:
                    continue
                for word in words:
                    for form in (word.encode(), word.encode("utf-16-le")):
                        if form in data:
                            found.setdefault(word, name)
        self.assertEqual(set(found), {word for word, kind in words.items() if kind == "control"}, found)
        # The link in the history is worthless when the program has ended, also for one that comes after it on the same port.
        port = server.base.rsplit(":", 1)[1]
        server.stop()
        later = Server("--archive", str(demo_archive()), "--listen", f"127.0.0.1:{port}")
        self.addCleanup(later.stop)
        bearer = lambda token: {"Authorization": "Bearer " + token}
        self.assertEqual(asked(later, "/api/v1/", headers=bearer(server.token))[0], 401)
        self.assertEqual(asked(later, "/api/v1/", headers=bearer(later.token))[0], 200)


def pictured():
    """The page over pictures that are something else as well."""
    if "pictures" not in shared:
        hostile.write_pictures(FOLDER / "pictures.pcap")
        run("import", "--quiet", "--archive", "pictures.sqlite", str(FOLDER / "pictures.pcap"))
        shared["pictures"] = Server("--archive", str(FOLDER / "pictures.sqlite"), "--listen", "127.0.0.1:0")
    return shared["pictures"]


class Pictures(PageTest):
    """Attack rows 12 and 13."""

    server = staticmethod(pictured)
    shown = ["harmless", "png and html", "gif and script"]

    def setUp(self):
        super().setUp()
        self.bearer = {"Authorization": "Bearer " + self.site.token}
        items = json.loads(asked(self.site, "/api/v1/media", headers=self.bearer)[2])["items"]
        self.items = dict(zip(hostile.PICTURES, items))

    def test_only_pictures_are_pictures(self):
        self.assertEqual(len(self.items), len(hostile.PICTURES))
        self.assertEqual([name for name, item in self.items.items() if item["media"]], self.shown)
        for name, item in self.items.items():
            status, headers, body = asked(self.site, "/api/v1/media/" + item["sha256"], headers=self.bearer)
            with self.subTest(name):
                self.assertTrue(item["complete"])
                self.assertEqual(status, 200 if name in self.shown else 404)
                if status == 200:
                    self.assertEqual(headers["Content-Type"], "image/gif" if "gif" in name else "image/png")
                    self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
                    self.assertIn("sandbox", headers["Content-Security-Policy"])
                    self.assertEqual(body, hostile.PICTURES[name])
        self.go("/files")
        expect(self.page.locator(".file")).to_have_count(len(hostile.PICTURES))
        expect(self.page.locator(".thumbnail img, .thumbnail canvas")).to_have_count(len(self.shown))
        self.assertFalse(self.page.evaluate("window.pageHit ?? 0"))

    def test_they_are_no_documents(self):
        """Opened as documents they are refused; and if they were not, their headers would let nothing run."""
        self.allowed = "40[13]|Content Security Policy|sandboxed"
        for name in self.shown:
            address = self.site.base + "/api/v1/media/" + self.items[name]["sha256"]
            page = self.opened()
            self.assertIn(page.goto(address).status, (401, 403))
            _, headers, body = asked(self.site, "/api/v1/media/" + self.items[name]["sha256"], headers=self.bearer)
            page.route(address, lambda route: route.fulfill(status=200, headers=headers, body=body))
            page.goto(address)
            page.wait_for_timeout(200)
            self.assertFalse(page.evaluate("window.pageHit ?? 0"), name)
            page.unroute_all()
            page.close()
        page = browser().new_context().new_page()
        page.set_content(hostile.PICTURES["png and html"].decode("latin-1"))
        self.assertTrue(page.evaluate("window.pageHit ?? 0"), "control: as HTML it runs")
        page.context.close()

    def test_they_are_no_scripts(self):
        self.allowed = "Refused to execute|MIME type|ERR_"
        path = "/api/v1/media/" + self.items["gif and script"]["sha256"]
        _, headers, body = asked(self.site, path, headers=self.bearer)
        site = Site({"/": ("text/html", "<p>")})
        self.addCleanup(site.stop)

        def runs(headers):
            page = browser().new_context().new_page()
            page.route("**/x.js", lambda route: route.fulfill(status=200, headers=headers, body=body))
            page.goto(site.base)
            page.evaluate("() => new Promise((done) => { const node = document.createElement('script'); node.src = '/x.js'; node.onload = node.onerror = done; document.head.append(node); })")
            hit = page.evaluate("window.pageHit ?? 0")
            page.context.close()
            return bool(hit)

        self.assertTrue(runs({"Content-Type": "text/javascript"}), "control: as a script it runs")
        self.assertFalse(runs(headers))


class Styles(PageTest):
    """Attack row 16: what a message says of its style."""

    def test_values_are_parsed_and_not_copied(self):
        packets = []
        sb = hostile.switchboard(packets, "Anna", "Ben")
        for value in ("FN=Arial; EF=; CO=ff0000; CS=0; PF=22; RL=1", "FN=x%22%3Bbackground%3Aurl(http%3A%2F%2Fevil.example); EF=B; CO=0; CS=0; PF=22", "FN=expression(alert(1)); EF=position:fixed; CO=url(//evil.example); CS=0; PF=99999999",
                      "FN=Arial%2C%20url(x); EF=IIIIBBBBUUUUSSSS; CO=7fffffffffffffff; CS=999; PF=-1", "FN=" + "A" * 3000 + "; EF=BIUS; CO=ffffffff; PF=22"):
            hostile.say_text(sb, "in a style", f"Content-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: {value}; font-size: 4000px")
        hostile.write_packets(FOLDER / "styles.pcap", packets)
        run("import", "--quiet", "--archive", "styles.sqlite", str(FOLDER / "styles.pcap"))
        server = Server("--archive", str(FOLDER / "styles.sqlite"), "--listen", "127.0.0.1:0")
        self.addCleanup(server.stop)
        self.page.close()
        self.site = server
        self.page = self.opened()
        self.page.goto(server.link)
        self.ready()
        self.page.locator("nav a", has_text="Talks").first.click()
        self.page.locator(".talk-row").first.click()
        expect(self.page.locator(".item .words")).to_have_count(5)
        styles = self.page.evaluate("""[...document.querySelectorAll('.item .words')].map((node) => { const style = getComputedStyle(node);
            return [style.fontFamily, style.fontSize, style.backgroundImage, style.position, style.fontWeight, node.getAttribute("dir")]; })""")
        self.assertEqual({style[1] for style in styles}, {styles[0][1]})
        self.assertLessEqual(float(styles[0][1].replace("px", "")), 32)
        self.assertEqual({(style[2], style[3]) for style in styles}, {("none", "static")})
        self.assertIn("Arial", styles[0][0])
        for family, *_ in styles:
            self.assertNotRegex(family, "url|expression|evil|AAAA")
        # Control: what the message says does have an effect.
        self.assertEqual((styles[0][5], styles[1][4]), ("rtl", "700"))


class OtherPrograms(PageTest):
    """Attack rows 30 and 31: what another version or another program left in the browser."""

    def test_a_page_of_another_version_reloads_once(self):
        for version, loads in ((2, 2), (1, 1)):
            page, seen = self.context.new_page(), []
            page.on("request", lambda request: seen.append(request.url) if request.resource_type == "document" else None)

            _, _, body = asked(self.site, "/api/v1/", headers={"Authorization": "Bearer " + self.site.token})
            changed = json.dumps({**json.loads(body), "api": version})
            page.route(self.site.base + "/api/v1/", lambda route: route.fulfill(status=200, content_type="application/json", body=changed))
            page.goto(self.site.base + "/")
            expect(page.locator(".archive")).not_to_be_empty()
            page.wait_for_timeout(300)
            self.assertEqual(len(seen), loads)
            page.close()

    def test_files_of_the_page_are_named_by_their_contents(self):
        names = re.findall(r'/assets/([^"]+)', asked(self.site, "/")[2].decode())
        self.assertGreaterEqual(len(names), 3)
        for name in names:
            stem, _, ending = name.rpartition(".")
            self.assertEqual(asked(self.site, "/assets/" + name)[0], 200)
            changed = stem[:-1] + ("0" if stem[-1] != "0" else "1") + "." + ending
            self.assertEqual(asked(self.site, "/assets/" + changed)[0], 404, "a file of another version is not there")

    def test_a_worker_of_another_program_is_removed(self):
        self.allowed = "."
        worker = "self.addEventListener('install', () => skipWaiting()); self.addEventListener('activate', (event) => event.waitUntil(clients.claim())); self.addEventListener('fetch', () => {});"
        before = Site({"/": ("text/html", "<script>navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready).then(() => document.title = 'registered'); localStorage.setItem('butterflynet.key', 'left over')</script>"), "/worker.js": ("text/javascript", worker)})
        port = before.base.rsplit(":", 1)[1]
        page = self.context.new_page()
        page.goto(before.base)
        expect(page).to_have_title("registered")
        count = "navigator.serviceWorker.getRegistrations().then((all) => all.length)"
        self.assertEqual(page.evaluate(count), 1)
        page.goto("about:blank")
        before.stop()
        server = Server("--archive", str(demo_archive()), "--listen", f"127.0.0.1:{port}")
        self.addCleanup(server.stop)
        page.goto(server.link)
        expect(page.locator(".level1").first).to_be_visible()
        self.assertEqual(page.evaluate(count), 0)
        self.assertEqual(asked(server, "/worker.js", headers={"Service-Worker": "script"})[0], 404)
        self.foreign.clear()


@unittest.skipUnless(shutil.which("strace"), "strace is not installed: whether the page connects to anything is not tested")
class SystemCalls(unittest.TestCase):
    """Attack row 26: no request makes the program connect to anything."""

    def connections(self, *arguments, use=lambda ready: None):
        trace, ready = FOLDER / "trace.txt", FOLDER / "trace.json"
        for path in (trace, ready):
            path.unlink(missing_ok=True)
        begun = 0
        process = subprocess.Popen(["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", str(trace), PROGRAM, *arguments, *(["--ready-file", str(ready)] if "web" in arguments else [])],
                                   cwd=FOLDER, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if "web" in arguments:
            limit = time.monotonic() + 60
            while not ready.exists() or not ready.stat().st_size:
                self.assertLess(time.monotonic(), limit)
                time.sleep(0.05)
            told = json.loads(ready.read_text())
            begun = trace.stat().st_size
            use(told)
            os.kill(told["pid"], 15)
        process.wait(timeout=60)
        return re.findall(r"connect\(\d+, \{sa_family=(AF_\w+), ([^}]*)", trace.read_text()[begun:])

    def test_requests_lead_to_no_connection(self):
        def crawl(told):
            site = type("Started", (), {"base": told["web"].partition("/#")[0]})
            headers = {"Authorization": "Bearer " + told["web"].partition("token=")[2], "Content-Type": "application/json"}
            elsewhere = ("http://127.0.0.1:1/x", "127.0.0.1:1", "//evil.example/", "file:///etc/passwd", "evil.example")
            paths = ["/", "/api/v1/", "/api/v1/sign-ins", "/api/v1/events?limit=500", "/api/v1/events?detail=full&limit=50", "/api/v1/talks", "/api/v1/media", "/api/v1/findings", "/api/v1/overview", "/api/v1/text",
                     "/api/v1/messages?q=perfect", "/api/v1/ladder?of=s1", "/api/v1/contacts?at=2026-12-01&of=s1", "/api/v1/export/preview?redacted=1"]
            paths += [f"/api/v1/{name}{word}" for name in ("events?of=", "events?where=", "events?at=", "ladder?of=", "messages?q=", "contacts?at=", "media/", "sign-ins/") for word in elsewhere]
            statuses = [asked(site, path, headers=headers)[0] for path in paths]
            self.assertTrue(set(statuses) >= {200, 400} and 500 not in statuses, statuses)
            for word in elsewhere:
                asked(site, "/api/v1/", headers={**headers, "X-Forwarded-Host": word, "Forwarded": f"host={word}"})
                asked(site, "/api/v1/downloads", "POST", headers, json.dumps({"of": word, "format": "jsonl"}))
            for form in ("jsonl", "pcapng", "text", "html", "xml"):
                url = json.loads(asked(site, "/api/v1/downloads", "POST", headers, json.dumps({"of": "s1", "format": form}))[2])["url"]
                self.assertEqual(asked(site, url, headers=headers)[0], 200)

        self.assertEqual(self.connections("web", "--archive", str(demo_archive()), "--listen", "127.0.0.1:0", use=crawl), [])

    def test_connections_would_be_seen(self):
        """Control: the demo connects its clients."""
        self.assertTrue(any(family == "AF_INET" for family, _ in self.connections("demo", "--once")))


@unittest.skipUnless(os.geteuid() == 0, "not root: what another user of the machine can do is not tested")
class OtherUsers(unittest.TestCase):
    """Attack row 32."""

    def as_nobody(self, look):
        """What a function finds as another user."""
        end, begin = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
                os.write(begin, json.dumps(look()).encode())
            finally:
                os._exit(0)
        os.close(begin)
        with os.fdopen(end, "rb") as file:
            found = file.read()
        os.waitpid(child, 0)
        return json.loads(found)

    @staticmethod
    def is_readable(path):
        try:
            if os.path.isdir(path):
                return os.listdir(path) is not None
            with open(path, "rb") as file:
                return file.read(1) is not None
        except OSError:
            return False

    def test_another_user_reads_nothing(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder, True)
        # The folder is open, so that only the modes of the files protect them.
        os.chmod(folder, 0o755)
        archive, ready, capture = (os.path.join(folder, name) for name in ("a.sqlite", "ready.json", "open.pcap"))
        hostile.write_small(capture)
        os.chmod(capture, 0o644)
        run("import", "--quiet", "--archive", archive, capture)
        process = subprocess.Popen([PROGRAM, "web", "--archive", archive, "--listen", "127.0.0.1:0", "--ready-file", ready], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "TMPDIR": folder}, umask=0)
        self.addCleanup(lambda: (process.terminate(), process.wait(timeout=20)))
        limit = time.monotonic() + 60
        while not os.path.exists(ready) or not os.path.getsize(ready):
            self.assertLess(time.monotonic(), limit)
            time.sleep(0.05)
        with open(ready, encoding="utf-8") as file:
            told = json.load(file)
        site = type("Started", (), {"base": told["web"].partition("/#")[0]})
        bearer = lambda token: {"Authorization": "Bearer " + token}
        requests = [("/health", {}), ("/api/v1/", {}), ("/api/v1/sign-ins", {}), ("/api/v1/", bearer("guess")), ("/api/v1/", bearer(told["web"].partition("token=")[2]))]
        statuses = self.as_nobody(lambda: [asked(site, path, headers=headers)[0] for path, headers in requests])
        self.assertEqual(statuses, [200, 401, 401, 401, 200], "the last one knows the token")
        own = [f"/proc/{told['pid']}/{name}" for name in ("environ", "mem", "fd")]
        paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder))] + own
        self.assertIn(ready, paths)
        self.assertEqual(self.as_nobody(lambda: [path for path in paths if self.is_readable(path)]), [capture], "only the capture, whose mode lets everybody read it")


if __name__ == "__main__":
    unittest.main()
