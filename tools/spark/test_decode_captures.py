"""Tests of the Spark job against one decode of the same files. Run by tools/test-spark."""
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

import decode_captures as job

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("BUTTERFLYNET", os.path.join(ROOT, ".build/debug/butterflynet"))
CAPTURES = os.path.join(ROOT, "captures")


def packets(path):
    """The header and the packets of a pcap file with microseconds."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:4] == b"\xd4\xc3\xb2\xa1"
    result, place = [], 24
    while place < len(data):
        length = struct.unpack_from("<I", data, place + 8)[0]
        result.append(data[place:place + 16 + length])
        place += 16 + length
    return data[:24], result


def rotate(path, folder, name, count):
    """Cuts a capture into files as a sniffer that rotates its files does."""
    header, all_packets = packets(path)
    size = -(-len(all_packets) // count)
    files = []
    for number in range(count):
        target = os.path.join(folder, f"{name}-{number:03}.pcap")
        with open(target, "wb") as file:
            file.write(header + b"".join(all_packets[number * size:(number + 1) * size]))
        files.append(target)
    return files


def decoded(files, events=job.DEFAULT_EVENTS):
    output = subprocess.run([BINARY, "decode", "--format", "jsonl", "--quiet", "--events", events] + files,
                            capture_output=True, check=False).stdout
    return [json.loads(line) for line in output.splitlines()]


class ValueTests(unittest.TestCase):
    def test_files_that_differ_in_digits_are_one_series(self):
        files = [("/a/x-20050506-001.pcap.gz", 5), ("/a/x-20050506-000.pcap", 7), ("/a/y.pcap", 1), ("/b/x-1-1.pcap", 2)]
        self.assertEqual(list(job.grouped(files)), ["/a/x-#-#.pcap", "/a/y.pcap", "/b/x-#-#.pcap"])
        self.assertEqual([path for path, _ in job.grouped(files)["/a/x-#-#.pcap"]],
                         ["/a/x-20050506-000.pcap", "/a/x-20050506-001.pcap.gz"])
        self.assertEqual(len(job.grouped(files, "none")), 4)
        self.assertEqual(list(job.grouped(files, r"^/(\w+)/(\w)")), ["a/x", "a/y", "b/x"])

    def test_large_series_have_several_tasks(self):
        self.assertEqual(job.slices_for([("a.pcap", 100)]), 1)
        self.assertEqual(job.slices_for([("a.pcap", 17_000 * job.MEGABYTE)]), 3)
        self.assertEqual(job.slices_for([("a.pcap", 10 ** 15)]), 16)
        self.assertEqual(job.slices_for([("a.pcap.gz", 10 ** 15)]), 4)
        self.assertEqual(job.slices_for([("a.pcap", 1)], "7"), 7)

    def test_the_largest_tasks_come_first_and_slices_stay_together(self):
        series = {"a": [("a1", 10)], "b": [("b1", 30)], "c": [("c1", 20)]}
        tasks = job.tasks_of(series, dict.fromkeys(series, "d"), "2")
        self.assertEqual([(task["series"], task["slice"]) for task in tasks],
                         [("b", 1), ("b", 2), ("c", 1), ("c", 2), ("a", 1), ("a", 2)])
        self.assertEqual([[task["series"] for task in wave] for wave in job.waves_of(tasks, 3)],
                         [["b", "b", "c", "c"], ["a", "a"]])


class JobTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        from pyspark.sql import SparkSession
        cls.folder = tempfile.mkdtemp(prefix="butterflynet-spark-")
        cls.spark = (SparkSession.builder.master("local[2,3]").appName("tests")
                     .config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false").config("spark.driver.bindAddress", "127.0.0.1")
                     .config("spark.driver.host", "127.0.0.1").config("spark.sql.shuffle.partitions", "2")
                     .config("spark.sql.session.timeZone", "UTC").getOrCreate())
        cls.spark.sparkContext.setLogLevel("OFF")
        cls.input = os.path.join(cls.folder, "in")
        os.mkdir(cls.input)
        cls.files = rotate(os.path.join(CAPTURES, "demo.pcap"), cls.input, "demo", 5)
        for name in ["transfers", "tcp-fragments", "link-6in4", "link-vlan", "sign-in-msnp12"]:
            shutil.copy(os.path.join(CAPTURES, f"{name}.pcap"), cls.input)

    @classmethod
    def tearDownClass(cls):
        cls.spark.stop()
        shutil.rmtree(cls.folder, ignore_errors=True)

    def run_job(self, output, *words):
        options = job.arguments(["--input", self.input, "--output", os.path.join(self.folder, output),
                                 "--binary", BINARY, *words])
        return job.run(self.spark, options)

    def rows(self, output, query):
        job.views(self.spark, os.path.join(self.folder, output))
        return self.spark.sql(query).collect()

    def expected(self):
        groups = job.grouped([(path, 0) for path in sorted(os.path.join(self.input, name)
                                                           for name in os.listdir(self.input))])
        return [event for files in groups.values() for event in decoded([path for path, _ in files])]

    def test_rows_are_those_of_decode_for_any_number_of_slices(self):
        events = self.expected()
        messages = sorted((event["ns"], event["from"], event["text"]) for event in events if event["event"] == "message")
        closed = sorted((event["client"], event["server"], event["c2s"]["sha256"], event["s2c"]["bytes"])
                        for event in events if event["event"] == "closed")
        findings = sorted(event["name"] for event in events if event["event"] == "finding")
        self.assertGreater(len(messages), 10)
        for slices in ["1", "3"]:
            self.assertEqual(self.run_job(f"slices{slices}", "--slices", slices), 0)
            found = self.rows(f"slices{slices}", "SELECT ns, `from`, text FROM messages")
            self.assertEqual(sorted(map(tuple, found)), messages)
            found = self.rows(f"slices{slices}", "SELECT client, server, c2s.sha256, s2c.bytes FROM connections")
            self.assertEqual(sorted(map(tuple, found)), closed)
            found = self.rows(f"slices{slices}", "SELECT name FROM findings")
            self.assertEqual(sorted(row.name for row in found), findings)

    def test_sign_ins_split_by_slices_are_joined(self):
        words = ["--events", "opened,closed,frame"]
        self.assertEqual(self.run_job("whole", *words), 0)
        self.assertEqual(self.run_job("split", "--slices", "5", *words), 0)

        def groups(output):
            folder = os.path.join(self.folder, output)
            job.sign_ins(self.spark, folder).createOrReplaceTempView("joined")
            rows = self.rows(output, """
                SELECT joined.sign_in, collect_set(concat(events.client, '>', events.server)) AS ends
                FROM joined JOIN events ON events.event = 'closed' AND events.series = joined.series
                    AND events.slice = joined.slice AND events.conn = joined.conn GROUP BY joined.sign_in""")
            return sorted(sorted(row.ends) for row in rows)

        self.assertEqual(groups("split"), groups("whole"))
        self.assertTrue(any(len(ends) > 2 for ends in groups("whole")))

    def test_damaged_and_foreign_files_have_a_status(self):
        output = "damaged"
        extra = [os.path.join(self.input, "cut.pcap"), os.path.join(self.input, "empty.pcap"),
                 os.path.join(self.input, "text.pcap")]
        try:
            with open(os.path.join(CAPTURES, "transfers.pcap"), "rb") as file:
                data = file.read()
            for path, content in zip(extra, [data[:-7], b"", b"no capture\n"]):
                with open(path, "wb") as file:
                    file.write(content)
            self.assertEqual(self.run_job(output, "--tolerate"), 3)
            states = {row.series: row.status for row in self.rows(output, "SELECT series, status FROM captures")}
            named = {os.path.basename(series): status for series, status in states.items()}
            self.assertEqual(named["cut.pcap"], "damaged")
            self.assertEqual(named["empty.pcap"], "failed")
            self.assertEqual(named["text.pcap"], "failed")
            self.assertEqual(named["demo-#.pcap"], "read")
        finally:
            for path in extra:
                os.remove(path)

    def test_only_what_changed_is_decoded_again(self):
        log = os.path.join(self.folder, "runs")
        wrapper = os.path.join(self.folder, "counting")
        with open(wrapper, "w") as file:
            file.write(f'#!/bin/sh\n[ "$1" = --version ] || echo run >> "{log}"\nexec "{BINARY}" "$@"\n')
        os.chmod(wrapper, 0o755)

        def runs():
            if os.path.exists(log):
                os.remove(log)
            self.assertEqual(self.run_job("resumed", "--resume", "--binary", wrapper), 0)
            if not os.path.exists(log):
                return 0
            with open(log) as file:
                return len(file.readlines())

        series = len(job.grouped([(name, 0) for name in os.listdir(self.input)]))
        self.assertEqual(runs(), series)
        before = self.rows("resumed", "SELECT count(*) AS n FROM events")[0].n
        self.assertEqual(runs(), 0)
        last = os.path.join(self.input, "demo-004.pcap")
        aside = os.path.join(self.folder, "aside.pcap")
        shutil.move(last, aside)
        try:
            self.assertEqual(runs(), 1)
            self.assertLess(self.rows("resumed", "SELECT count(*) AS n FROM events")[0].n, before)
        finally:
            shutil.move(aside, last)
        self.assertEqual(runs(), 1)
        self.assertEqual(self.rows("resumed", "SELECT count(*) AS n FROM events")[0].n, before)

    def test_other_programs_read_the_table(self):
        try:
            import duckdb
        except ImportError:
            print("SKIPPED: test_other_programs_read_the_table: there is no duckdb", file=sys.stderr)
            return
        self.assertEqual(self.run_job("shared"), 0)
        place = os.path.join(self.folder, "shared", "*", "*", "*.parquet")
        count = duckdb.sql(f"SELECT count(*) FROM read_parquet('{place}', hive_partitioning = true) "
                           "WHERE event = 'message'").fetchall()[0][0]
        self.assertEqual(count, self.rows("shared", "SELECT count(*) AS n FROM messages")[0].n)
        self.assertGreater(count, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
