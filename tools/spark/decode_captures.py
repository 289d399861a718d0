#!/usr/bin/env python3
"""Decodes fleets of captures with Spark: many butterflynet processes, one table of events as Parquet.

    spark-submit --master 'local[2,4]' tools/spark/decode_captures.py --input captures --output results
    spark-submit --archives butterflynet.tar.gz#bn tools/spark/decode_captures.py --input hdfs:///captures --fetch ...

Files whose names differ only in digits are one series: one stream of packets, read in one go. A long series is read by
several tasks, each of which takes a slice of its connections (docs/events.md). See docs/analysis.md.
"""
import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

MEGABYTE = 1_000_000
PLAIN_BYTES_OF_A_TASK = 8_000 * MEGABYTE
PACKED_BYTES_OF_A_TASK = 2_000 * MEGABYTE
MOST_SLICES, MOST_PACKED_SLICES = 16, 4
DEFAULT_EVENTS = "opened,message,finding,closed"
# Redirects and the commands that follow them: what joins sign-ins whose connections are in different slices.
JOINING = "event != frame or verb in {XFR RNG USR ANS}"
STARTS = (".pcap", ".cap", ".pcapng", ".dmp", ".trace")


def arguments(words=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", nargs="+", required=True, help="files or folders; any file system that Hadoop reads")
    parser.add_argument("--output", required=True, help="the folder of the table")
    parser.add_argument("--binary", help="the program (default: bn/bin/butterflynet of --archives, else on the PATH)")
    parser.add_argument("--events", default=DEFAULT_EVENTS, help="kinds of events (default: %(default)s)")
    parser.add_argument("--series", default="auto", help="auto, none (each file is one), or a regular expression whose "
                        "groups name the series")
    parser.add_argument("--slices", default="auto", help="tasks for each series (default: by its size)")
    parser.add_argument("--wave", type=int, default=200, help="tasks whose results are committed together")
    parser.add_argument("--resume", action="store_true", help="leave out series that the table has already, unchanged")
    parser.add_argument("--tolerate", action="store_true", help="a series that fails twice gets the status failed")
    parser.add_argument("--fetch", action="store_true", help="copy files to the executor's disk first (hadoop fs -get)")
    parser.add_argument("--compact", metavar="FOLDER", help="afterwards, write few large files there, by event and year")
    return parser.parse_args(words)


# --- Series and tasks: values only ---

def series_of(path, rule="auto"):
    """The name of the series of a file: its folder and its name without digits."""
    if rule == "none":
        return path
    if rule != "auto":
        match = re.search(rule, path)
        return "/".join(match.groups() or (match.group(),)) if match else path
    folder, name = os.path.split(path)
    name = re.sub(r"\.gz$", "", name)
    return os.path.join(folder, re.sub(r"[0-9]+", "#", name))


def grouped(files, rule="auto"):
    """Series by name, each the list of its files (path, bytes) in the order of their names."""
    result = {}
    for path, size in sorted(files):
        result.setdefault(series_of(path, rule), []).append((path, size))
    return result


def slices_for(files, wanted="auto"):
    """How many tasks read a series."""
    if wanted != "auto":
        return max(1, int(wanted))
    packed = sum(size for path, size in files if path.endswith(".gz"))
    plain = sum(size for path, size in files) - packed
    count = -(-plain // PLAIN_BYTES_OF_A_TASK) if plain else 0
    most = MOST_SLICES
    if packed:
        # Each task unpacks everything.
        count, most = max(count, -(-packed // PACKED_BYTES_OF_A_TASK)), MOST_PACKED_SLICES
    return min(max(1, count), most)


def tasks_of(series, digests, wanted="auto"):
    """The tasks of all series, the largest first."""
    tasks = []
    for name, files in series.items():
        count = slices_for(files, wanted)
        size = sum(size for _, size in files)
        for number in range(1, count + 1):
            tasks.append({"series": name, "slice": number, "of": count, "files": [path for path, _ in files],
                          "bytes": size, "digest": digests[name]})
    return sorted(tasks, key=lambda task: (-task["bytes"], task["series"], task["slice"]))


def waves_of(tasks, size):
    """Groups of tasks; all slices of a series are in one."""
    waves, wave, last = [], [], None
    for task in tasks:
        if len(wave) >= size and task["series"] != last:
            waves.append(wave)
            wave = []
        wave.append(task)
        last = task["series"]
    return waves + ([wave] if wave else [])


def escaped(text):
    return json.dumps(text)


# --- On the executors ---

class DecodeFailed(Exception):
    pass


def program(binary):
    """The program and its environment."""
    environment = dict(os.environ)
    if binary:
        return binary, environment
    packed = os.path.abspath("bn/bin/butterflynet")
    if os.path.exists(packed):
        environment["LD_LIBRARY_PATH"] = os.path.abspath("bn/lib")
        return packed, environment
    return "butterflynet", environment


def local(path):
    return path[len("file:"):] if path.startswith("file:") else path


def decode(task, options):
    """Runs the program on one task and yields its lines, then one line about the captures."""
    binary, environment = program(options["binary"])
    folder = None
    files = [local(path) for path in task["files"]]
    started = time.monotonic()
    try:
        if options["fetch"]:
            folder = tempfile.mkdtemp(prefix="captures-")
            for number, path in enumerate(task["files"]):
                # The names keep their order and their ending; they are made by this program.
                ending = ".gz" if path.endswith(".gz") else ".pcap"
                files[number] = os.path.join(folder, f"{number:06}{ending}")
                subprocess.run(["hadoop", "fs", "-get", path, files[number]], check=True)
        command = [binary, "decode", "--format", "jsonl", "--quiet", "--jobs", "1", "--events", options["events"]]
        if "frame" in options["events"].split(",") and options["joins"]:
            command += ["--where", JOINING]
        if task["of"] > 1:
            command += ["--slice", f"{task['slice']}/{task['of']}"]
        process = subprocess.Popen(command + ["--"] + files, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   stdin=subprocess.DEVNULL, env=environment)
        messages = []

        def listen():
            for line in process.stderr:
                messages.append(line.decode("utf-8", "replace").strip())
                del messages[:-20]

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        # The size of the captures bounds the time: ten minutes, and a second for each megabyte.
        watchdog = threading.Timer(600 + task["bytes"] / MEGABYTE, process.kill)
        watchdog.start()
        ending = f',"series":{escaped(task["series"])},"slice":{task["slice"]}}}'
        try:
            for line in process.stdout:
                yield line.decode("utf-8", "replace").rstrip("\n")[:-1] + ending
        finally:
            if process.poll() is None and process.stdout.closed:
                process.kill()
            process.stdout.close()
            code = process.wait()
            watchdog.cancel()
            listener.join(5)
        text = " ".join(messages)
        if code not in (0, 3):
            raise DecodeFailed(f"exit code {code}: {text}")
        yield report(task, "damaged" if code == 3 else "read", text, time.monotonic() - started)
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def report(task, status, message, seconds):
    return json.dumps({"event": "capture", "series": task["series"], "slice": task["slice"], "files": task["files"],
                       "status": status, "message": message[-2000:], "bytes": task["bytes"],
                       "seconds": round(seconds, 3), "digest": task["digest"]})


def decode_partition(options):
    def run(tasks):
        from pyspark import TaskContext
        for task in tasks:
            try:
                yield from decode(task, options)
            except (DecodeFailed, OSError, subprocess.CalledProcessError) as failure:
                # What was read before stays; the status says that it is not everything.
                if not options["tolerate"] or TaskContext.get().attemptNumber() < 1:
                    raise
                yield report(task, "failed", str(failure), 0)
    return run


# --- On the driver ---

def listed(spark, paths):
    """The captures under some paths, with their sizes."""
    hadoop = spark.sparkContext._jvm.org.apache.hadoop.fs
    configuration = spark.sparkContext._jsc.hadoopConfiguration()
    files = []
    for path in paths:
        start = hadoop.Path(path)
        system = start.getFileSystem(configuration)
        is_folder = system.getFileStatus(start).isDirectory()
        walk = system.listFiles(start, True)
        while walk.hasNext():
            status = walk.next()
            name = status.getPath().toString()
            base = re.sub(r"\.gz$", "", os.path.basename(name)).lower()
            if not base.startswith(".") and (not is_folder or base.endswith(STARTS)):
                files.append((name, status.getLen()))
    return files


def digest_of(spark, files, version, options):
    """Changes when a file of a series, the program, or what is asked of it changes."""
    jvm = spark.sparkContext._jvm
    configuration = spark.sparkContext._jsc.hadoopConfiguration()
    digest = hashlib.sha256(json.dumps([version, options["events"], options["slices"]]).encode())
    for path, size in files:
        place = jvm.org.apache.hadoop.fs.Path(path)
        stream = place.getFileSystem(configuration).open(place)
        try:
            start = jvm.org.apache.commons.io.IOUtils.toByteArray(
                jvm.org.apache.commons.io.input.BoundedInputStream(stream, 65_536))
        finally:
            stream.close()
        digest.update(json.dumps([path, size]).encode() + hashlib.sha256(bytes(start)).digest())
    return digest.hexdigest()


def schema():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "schema.json")) as file:
        return json.load(file)


def columns():
    return ", ".join(f"`{name}` {kind}" for name, kind in schema()["events"])


def exists(spark, path):
    place = spark.sparkContext._jvm.org.apache.hadoop.fs.Path(path)
    return place.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration()).exists(place)


def table(spark, folder):
    return spark.read.schema(columns()).parquet(folder)


def views(spark, folder):
    """Makes the views `events`, `messages`, `connections`, `findings`, `captures`."""
    table(spark, folder).createOrReplaceTempView("events")
    for name, query in schema()["views"].items():
        spark.sql(query).createOrReplaceTempView(name)


def finished(spark, folder):
    """The digests of the series that the table has whole."""
    if not exists(spark, folder):
        return set()
    rows = table(spark, folder).where("event = 'capture'").select("series", "digest", "status").collect()
    failed = {row.series for row in rows if row.status == "failed"}
    return {(row.series, row.digest) for row in rows if row.series not in failed}


def forget(spark, folder, names):
    """Deletes what the table has of some series, the rows about their captures first."""
    if not names or not exists(spark, folder):
        return
    hadoop = spark.sparkContext._jvm.org.apache.hadoop.fs
    root = hadoop.Path(folder)
    system = root.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration())
    wanted = {"series=" + spark.sparkContext._jvm.org.apache.spark.sql.catalyst.catalog.ExternalCatalogUtils
              .escapePathName(name) for name in names}
    kinds = [status.getPath() for status in system.listStatus(root) if status.isDirectory()]
    for kind in sorted(kinds, key=lambda path: path.getName() != "event=capture"):
        for status in system.listStatus(kind):
            if status.getPath().getName() in wanted:
                system.delete(status.getPath(), True)


def sign_ins(spark, folder):
    """Joins connections that different slices read to sign-ins.

    A notification server belongs to the dispatch server that sent its client there: by account, client, and two minutes.
    A switchboard belongs to the sign-in that got its cookie: by masked cookie, account, and ten minutes. Needs frames in
    the table. Columns: series, slice, conn, and sign_in as text, unique in the table.
    """
    views(spark, folder)
    return spark.sql("""
        WITH connections AS (
            SELECT closed.series, closed.slice, closed.conn, closed.role, lower(closed.account) AS account, opened.ns,
                substring_index(closed.client, ':', 1) AS host,
                concat_ws('/', closed.series, closed.slice, closed.sign_in) AS sign_in,
                closed.sign_in IS NOT NULL AS is_known
            FROM events closed JOIN events opened ON opened.event = 'opened' AND opened.series = closed.series
                AND opened.slice = closed.slice AND opened.conn = closed.conn
            WHERE closed.event = 'closed'
        ), frames AS (
            SELECT events.*, connections.host, connections.sign_in AS own
            FROM events JOIN connections USING (series, slice, conn) WHERE events.event = 'frame'
        ), arrivals AS (
            SELECT connections.series, connections.sign_in AS part, sent.own AS whole,
                row_number() OVER (PARTITION BY connections.sign_in ORDER BY connections.ns - sent.ns) AS place
            FROM connections JOIN frames sent ON sent.series = connections.series AND sent.host = connections.host
                AND lower(sent.account) = connections.account
                AND connections.ns BETWEEN sent.ns AND sent.ns + 120000000000
            WHERE connections.role = 'NS' AND connections.is_known AND sent.sign_in IS NOT NULL AND sent.dir = 's2c'
                AND sent.verb = 'XFR' AND sent.args[1] = 'NS' AND sent.own <> connections.sign_in
        ), grants AS (
            SELECT series, own, ns, lower(account) AS account, IF(verb = 'XFR', args[4], args[3]) AS cookie
            FROM frames WHERE dir = 's2c' AND sign_in IS NOT NULL AND ((verb = 'XFR' AND args[1] = 'SB') OR verb = 'RNG')
        ), claims AS (
            SELECT series, slice, conn, ns, lower(split(args[1], ';')[0]) AS account, args[2] AS cookie
            FROM frames WHERE dir = 'c2s' AND verb IN ('USR', 'ANS') AND role = 'SB'
        ), entries AS (
            SELECT claims.series, claims.slice, claims.conn, grants.own AS sign_in,
                row_number() OVER (PARTITION BY claims.series, claims.slice, claims.conn
                    ORDER BY claims.ns - grants.ns) AS place
            FROM claims JOIN grants ON claims.series = grants.series AND claims.cookie = grants.cookie
                AND claims.account = grants.account AND claims.ns BETWEEN grants.ns AND grants.ns + 600000000000
        ), joined AS (
            SELECT connections.series, connections.slice, connections.conn,
                coalesce(entries.sign_in, IF(connections.is_known, connections.sign_in, NULL)) AS sign_in
            FROM connections LEFT JOIN entries ON entries.place = 1 AND entries.series = connections.series
                AND entries.slice = connections.slice AND entries.conn = connections.conn
        )
        SELECT joined.series, slice, conn, coalesce(arrivals.whole, sign_in) AS sign_in
        FROM joined LEFT JOIN arrivals ON arrivals.place = 1 AND arrivals.part = joined.sign_in
        WHERE sign_in IS NOT NULL
    """)


def compact(spark, folder, target):
    """Writes few large files, by event and year."""
    from pyspark.sql.functions import substring
    events = table(spark, folder).withColumn("year", substring("time", 1, 4))
    events.repartition("event", "year").write.mode("overwrite").option(
        "maxRecordsPerFile", 5_000_000).partitionBy("event", "year").parquet(target)


def run(spark, options):
    """Decodes everything; returns the exit code."""
    binary, environment = program(options.binary)
    version = subprocess.run([binary, "--version"], env=environment, capture_output=True, text=True,
                             check=True).stdout.strip()
    settings = {"binary": options.binary, "events": options.events, "slices": options.slices, "fetch": options.fetch,
                "tolerate": options.tolerate, "joins": True}
    series = grouped(listed(spark, options.input), options.series)
    if not series:
        print("no captures in", " ".join(options.input), file=sys.stderr)
        return 1
    digests = {name: digest_of(spark, files, version, settings) for name, files in series.items()}
    if options.resume:
        done = finished(spark, options.output)
        series = {name: files for name, files in series.items() if (name, digests[name]) not in done}
    tasks = tasks_of(series, digests, options.slices)
    spark.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")
    for number, wave in enumerate(waves_of(tasks, options.wave), 1):
        print(f"wave {number}: {len(wave)} tasks, {sum(task['bytes'] for task in wave) / MEGABYTE:,.0f} MB",
              file=sys.stderr)
        forget(spark, options.output, {task["series"] for task in wave})
        lines = spark.sparkContext.parallelize(wave, len(wave)).mapPartitions(decode_partition(settings))
        spark.read.schema(columns()).json(lines).write.mode("overwrite").partitionBy("event", "series").parquet(
            options.output)
    if options.compact:
        compact(spark, options.output, options.compact)
    if not exists(spark, options.output):
        return 0
    failed = table(spark, options.output).where("event = 'capture' AND status = 'failed'").count()
    return 3 if failed else 0


def main():
    from pyspark.sql import SparkSession
    options = arguments()
    spark = SparkSession.builder.appName("butterflynet").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    code = run(spark, options)
    spark.stop()
    sys.exit(code)


if __name__ == "__main__":
    main()
