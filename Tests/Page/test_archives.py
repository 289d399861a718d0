"""Archives that somebody else made (attack row 19) and pictures in them (rows 12 and 13): each request is answered within two
seconds of processor time and with bounded memory, as an error at worst, and the program goes on."""
import hashlib
import http.client
import os
import re
import shutil
import sqlite3
import subprocess
import unittest

import hostile
from support import FOLDER, PROGRAM, Server, demo_archive, run

PATHS = ["", "sign-ins", "sign-ins/s1", "sign-ins/r1", "connections/c1", "events", "events?limit=500", "events?detail=full&limit=50", "events?where=text+contains+a", "events?at=2026-11-22", "events?of=s1&newest=1",
         "events/c1.1", "events/c1.3", "events/c1.3/bytes", "talks", "talks/v1", "talks/v1/entries", "messages?q=a*", "messages?q=%F0%9F%A6%8B", "media", "findings", "findings/counts", "overview",
         "overview?where=verb+%3D%3D+MSG", "contacts?at=2036-11-22&of=s1", "ladder?of=s1", "ladder/text?of=s1", "text", "export/preview?redacted=1", "export/preview?format=pcapng"]

ENDLESS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers)"


def endless(table):
    """A view in the place of a table, whose rows never end."""
    def change(base):
        columns = ", ".join(f'n AS "{row[1]}"' for row in base.execute(f"PRAGMA table_info({table})"))
        base.execute(f"DROP TABLE {table}")
        base.execute(f"CREATE VIEW {table} AS {ENDLESS} SELECT {columns} FROM numbers")
    return change


# Values that no recorder writes: the archive is read, and what makes no sense is left out or named.
CHANGES = {
    "bytes of 100 MB": "UPDATE block SET client_bytes = zeroblob(100000000), client_length = 100000000", "lengths": "UPDATE block SET client_length = 1 << 40, server_length = -1",
    "broken compression": "UPDATE block SET client_bytes = x'789c', server_bytes = randomblob(5000)", "numbers": "UPDATE block SET number = number - 9223372036854775800",
    "times": "UPDATE connection SET opened_ns = 9223372036854775807, last_ns = -9223372036854775808, role = 'nonsense'", "long addresses": "UPDATE connection SET client = printf('%.*c', 5000000, 'a')",
    "texts of 16 MB": "UPDATE message SET text = printf('%.*c', 16000000, 'a')",
    "texts of 50 MB": "UPDATE message SET text = printf('%.*c', 50000000, 'a')", "long accounts": "UPDATE account SET address = printf('%.*c', 5000000, 'a') || id",
    "findings": "UPDATE finding SET name = '', text = zeroblob(9000000), event = -1", "senders": "UPDATE message SET sender = 999999, event = 9223372036854775807",
}
# Another schema is refused as a whole.
REFUSED = {
    "no messages": "DROP TABLE message", "other columns": "ALTER TABLE account RENAME COLUMN address TO other", "a trigger": "CREATE TRIGGER evil AFTER INSERT ON block BEGIN DELETE FROM connection; END",
    "a view": "CREATE VIEW evil AS SELECT * FROM message", "another schema": "UPDATE sqlite_master SET sql = 'nonsense' WHERE name = 'finding'", "endless connections": endless("connection"),
    "endless findings": endless("finding"), "endless messages": endless("message"), "endless transfers": endless("media"), "endless blocks": endless("block"),
}


def changed(name, change):
    """A copy of the demo's archive, changed behind the program's back."""
    path = FOLDER / f"{re.sub(r'[^a-z0-9]', '-', name)}.sqlite"
    shutil.copy(demo_archive(), path)
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("PRAGMA foreign_keys = OFF")
    base.execute("PRAGMA writable_schema = ON")
    for statement in [change] if isinstance(change, str) or callable(change) else change:
        statement(base) if callable(statement) else base.execute(statement)
    base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    base.close()
    return path


def asked(server, path, timeout=30):
    connection = http.client.HTTPConnection("127.0.0.1", int(server.base.rsplit(":", 1)[1]), timeout=timeout)
    connection.request("GET", path, headers={"Authorization": "Bearer " + server.token})
    answer = connection.getresponse()
    try:
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def processor_time(server):
    """Seconds of processor time that the program has taken."""
    with open(f"/proc/{server.process.pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(server, name):
    with open(f"/proc/{server.process.pid}/status") as file:
        return int(re.search(name + r":\s+(\d+) kB", file.read()).group(1)) * 1024


class Hostile(unittest.TestCase):
    def test_hostile_rows(self):
        for name, change in CHANGES.items():
            with self.subTest(name):
                server = Server("--archive", str(changed(name, change)), "--listen", "127.0.0.1:0")
                try:
                    self.crawl(server)
                finally:
                    server.stop()

    def test_another_schema_is_refused(self):
        for name, change in REFUSED.items():
            with self.subTest(name):
                path = changed(name, change)
                result = subprocess.run([PROGRAM, "web", "--archive", str(path), "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=30)
                self.assertEqual(result.returncode, 1)
                self.assertRegex(result.stderr, f"cannot use the archive {re.escape(str(path))}: it is damaged")

    def crawl(self, server):
        asked(server, "/health")
        for path in PATHS:
            with open(f"/proc/{server.process.pid}/clear_refs", "w") as file:
                file.write("5")  # the highest use from now on
            begin, before = processor_time(server), memory(server, "VmRSS")
            status, _, body = asked(server, "/api/v1/" + path)
            self.assertLess(processor_time(server) - begin, 2, path)
            self.assertIn(status, (200, 400, 404, 409, 500), path)
            # One item is always shown, and a text can have 4 MiB.
            self.assertLessEqual(len(body), 5 << 20, path)
            if status == 500:
                self.assertIn(b'{"error":{"name":"archive_unreadable"', body, path)
                self.assertNotRegex(body, b"no such|SELECT|sqlite")
            self.assertLess(memory(server, "VmHWM") - before, 64 << 20, path)
        self.assertEqual(asked(server, "/health")[0], 200)

    def test_what_an_archive_says_of_its_pictures_counts_for_nothing(self):
        page, huge = hostile.PICTURES["html"], hostile.PICTURES["huge png"]
        pictures = {"page as png": ("image/png", page), "page": ("text/html", page), "huge": ("image/png", huge), "gif as page": ("text/html", hostile.gif())}
        digest = {name: hashlib.sha256(name.encode()) for name in pictures}

        def insert(base):
            for name, (kind, data) in pictures.items():
                base.execute("INSERT INTO picture (sha256, type, bytes) VALUES (?, ?, ?)", (digest[name].digest(), kind, data))

        server = Server("--archive", str(changed("pictures", insert)), "--listen", "127.0.0.1:0")
        self.addCleanup(server.stop)
        for name in pictures:
            status, headers, _ = asked(server, "/api/v1/media/" + digest[name].hexdigest())
            self.assertEqual(status, 200 if name == "gif as page" else 404, name)
        self.assertEqual((headers["Content-Type"], "sandbox" in headers["Content-Security-Policy"]), ("image/gif", True))


if __name__ == "__main__":
    unittest.main()
