"""Starts the built program and browsers for the tests of the page. Every test fails on console messages, reports of the
content security policy and requests to elsewhere."""
import atexit
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

from playwright.sync_api import expect, sync_playwright

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = os.environ.get("BUTTERFLYNET", str(ROOT / ".build/debug/butterflynet"))
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="butterflynet-page-"))
PATIENCE = int(os.environ.get("PATIENCE", "20000"))
expect.set_options(timeout=PATIENCE)
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

REPORTS = """
window.pageReports = [];
document.addEventListener("securitypolicyviolation", (event) => window.pageReports.push(event.violatedDirective + " " + event.blockedURI));
"""


def run(*arguments):
    """Runs the program to its end; exit code 3 says that a capture is damaged."""
    result = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=300, cwd=FOLDER)
    if result.returncode not in (0, 3):
        raise AssertionError(f"{arguments}: {result.stderr}")
    return result.stdout


def lines(*arguments):
    return [json.loads(line) for line in run(*arguments, "--format", "jsonl").splitlines()]


class Server:
    """The program with its page, on a free port of loopback."""

    def __init__(self, *arguments, command="web"):
        self.arguments = [PROGRAM, command, *arguments]
        self.start()
        atexit.register(self.stop)

    def start(self, *more):
        handle, ready = tempfile.mkstemp(dir=FOLDER)
        os.close(handle)
        os.unlink(ready)
        self.log = open(FOLDER / "server.log", "ab")
        self.process = subprocess.Popen([*self.arguments, *more, "--ready-file", ready], stdout=self.log, stderr=self.log, cwd=FOLDER)
        limit = time.monotonic() + 60
        while not os.path.exists(ready) or os.path.getsize(ready) == 0:
            if self.process.poll() is not None or time.monotonic() > limit:
                raise AssertionError("the program did not start: " + (FOLDER / "server.log").read_text()[-2000:])
            time.sleep(0.05)
        ready_file = json.loads(pathlib.Path(ready).read_text())
        self.link = ready_file["web"]
        self.base, _, self.token = self.link.partition("/#token=")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)
        self.log.close()


shared = {}


def demo_archive():
    """An archive with one run of the demo."""
    if "demo archive" not in shared:
        path = FOLDER / "demo.sqlite"
        run("demo", "--once", "--archive", str(path))
        shared["demo archive"] = path
    return shared["demo archive"]


def demo():
    """The page over the demo's archive."""
    if "demo" not in shared:
        shared["demo"] = Server("--archive", str(demo_archive()), "--listen", "127.0.0.1:0")
    return shared["demo"]


def captures():
    """The page over an archive of all captures of the repository."""
    if "captures" not in shared:
        files = sorted(str(path) for path in (ROOT / "captures").iterdir() if path.suffix in (".pcap", ".pcapng", ".gz", ".log"))
        run("import", "--separately", "--quiet", "--archive", "captures.sqlite", *files)
        shared["captures"] = Server("--archive", str(FOLDER / "captures.sqlite"), "--listen", "127.0.0.1:0")
    return shared["captures"]


def browser():
    if "browser" not in shared:
        manager = sync_playwright().start()
        shared["browser"] = manager.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        atexit.register(manager.stop)
        atexit.register(shared["browser"].close)
    return shared["browser"]


class PageTest(unittest.TestCase):
    """A test with a signed-in page. `allowed` is a pattern of console messages that the test provokes."""

    server = staticmethod(demo)
    width, height, theme = 1280, 800, "light"

    def setUp(self):
        self.allowed = None
        self.messages, self.foreign = [], []
        self.site = self.server()
        self.context = browser().new_context(viewport={"width": self.width, "height": self.height}, color_scheme=self.theme)
        self.context.set_default_timeout(PATIENCE)
        self.context.add_init_script(REPORTS)
        self.page = self.opened()
        self.page.goto(self.site.link)
        self.ready()

    def opened(self):
        """A new tab, with its messages collected."""
        page = self.context.new_page()
        page.on("console", lambda message: self.messages.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.messages.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.messages.append("dialog: " + dialog.message), dialog.dismiss()))
        page.on("request", lambda request: self.foreign.append(request.url) if not request.url.startswith((self.site.base + "/", "blob:" + self.site.base)) else None)
        return page

    def tearDown(self):
        reports = [report for page in self.context.pages for report in page.evaluate("window.pageReports ?? []")]
        self.context.close()
        left = [message for message in self.messages if not (self.allowed and re.search(self.allowed, message))]
        self.assertEqual(left, [], "the console must be empty")
        self.assertEqual(reports, [], "reports of the content security policy")
        self.assertEqual(self.foreign, [], "requests to elsewhere")

    def ready(self):
        expect(self.page.locator(".archive")).not_to_be_empty()
        expect(self.page.locator(".sign-in")).to_have_count(0)

    def go(self, path):
        self.page.goto(self.site.base + path)
        self.ready()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def path(self):
        return self.page.evaluate("location.pathname + location.search")

    def wait_path(self, pattern):
        """Waits until the address matches; returns it."""
        limit = time.monotonic() + PATIENCE / 1000
        while not re.search(pattern, self.path()):
            if time.monotonic() > limit:
                raise AssertionError(f"{self.path()} does not become {pattern}")
            self.page.wait_for_timeout(50)
        return self.path()

    def sign_in(self, account="alice@example.com"):
        """The identifier of a sign-in of an account."""
        return next(item["id"] for item in lines("sessions", "--archive", str(demo_archive())) if item["account"] == account)
