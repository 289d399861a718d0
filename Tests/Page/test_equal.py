"""What the page's interface gives is what the commands of the same program print, byte for byte, on the archives of a relay and of all
captures of the repository."""
import http.client
import json
import unittest
import urllib.parse

from support import FOLDER, captures, demo, demo_archive, lines, run


class Client:
    def __init__(self, server):
        self.port = int(server.base.rsplit(":", 1)[1])
        self.headers = {"Authorization": "Bearer " + server.token, "Content-Type": "application/json"}

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, None if body is None else json.dumps(body), self.headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        if answer.status != 200:
            raise AssertionError(f"{path}: {answer.status} {data[:200]}")
        return data

    def get(self, path, **parameters):
        return json.loads(self.ask("GET", "/api/v1/" + path + "?" + urllib.parse.urlencode(parameters)))

    def all_events(self, **parameters):
        page = self.get("events", at="1970-01-01", limit=50, detail="full", **parameters)
        while True:
            yield from page["items"]
            if not page["next"]:
                return
            page = self.get("events", after=page["next"], limit=50, detail="full", **parameters)

    def saved(self, **order):
        return self.ask("GET", json.loads(self.ask("POST", "/api/v1/downloads", order))["url"])


class Equal(unittest.TestCase):
    def test_events_of_a_relay(self):
        """With the changed redirects that no capture has."""
        client, archive, kinds = Client(demo()), str(demo_archive()), set()
        for session in lines("sessions", "--archive", archive):
            for connection in session["connections"]:
                shown = lines("show", connection["id"], "--archive", archive)
                rows = [{name: value for name, value in event.items() if name != "at"} for event in client.all_events(of=connection["id"])]
                self.assertEqual(rows, shown, connection["id"])
                kinds |= {event["event"] for event in shown}
        self.assertLessEqual({"opened", "closed", "frame", "rewritten", "message"}, kinds)

    def test_copies(self):
        for server, archive in ((demo(), str(demo_archive())), (captures(), str(FOLDER / "captures.sqlite"))):
            client = Client(server)
            things = [session.get("id") or session["recording"] for session in lines("sessions", "--archive", archive)][:8]
            for thing in things:
                for form in ("jsonl", "pcapng"):
                    path = FOLDER / "copy"
                    path.unlink(missing_ok=True)
                    run("export", thing, "--archive", archive, "--format", form, "--output", str(path))
                    self.assertEqual(client.saved(of=thing, format=form), path.read_bytes(), f"{thing} {form}")
                for form in ("text", "html", "xml"):
                    self.assertEqual(client.saved(of=thing, format=form), run("transcript", thing, "--archive", archive, "--format", form).encode(), f"{thing} {form}")

    def test_redacted_copies(self):
        """A redacted copy has other names each time. Its events, and what must not be in it, are the same from both."""
        client, archive = Client(demo()), str(demo_archive())
        thing = next(session["id"] for session in lines("sessions", "--archive", archive))
        own = [json.loads(line) for line in client.saved(of=thing, format="jsonl", redacted=True).decode().splitlines()]
        other = [json.loads(line) for line in run("export", thing, "--archive", archive, "--redacted", "--format", "jsonl").splitlines()]
        shape = lambda event: (event["event"], event["time"], event["conn"], event.get("dir"), event.get("verb"), sorted(event))
        self.assertEqual([shape(event) for event in own], [shape(event) for event in other])
        self.assertNotEqual(own, other)

    def test_ladders(self):
        client, archive = Client(demo()), str(demo_archive())
        for session in lines("sessions", "--archive", archive):
            for form in ("text", "svg", "mermaid"):
                self.assertEqual(client.ask("GET", f"/api/v1/ladder/text?of={session['id']}&format={form}").decode(), run("ladder", session["id"], "--archive", archive, "--format", form), form)

    def test_texts(self):
        client, archive = Client(demo()), str(demo_archive())
        for session in lines("sessions", "--archive", archive):
            for connection in session["connections"][:3]:
                self.assertEqual(client.ask("GET", f"/api/v1/text?of={connection['id']}").decode(), run("show", connection["id"], "--archive", archive))


if __name__ == "__main__":
    unittest.main()
