"""Follows a growing archive in the browser for some minutes: soak.py MINUTES. The page's memory and the program's are to stay flat."""
import statistics
import subprocess
import sys
import time

from support import FOLDER, PROGRAM, PageTest, Server, expect, run


class Soak(PageTest):
    minutes = 10

    def runTest(self):
        tools = self.context.new_cdp_session(self.page)
        tools.send("Performance.enable")
        self.go("/live")
        expect(self.page.locator(".follow")).to_contain_text("following")
        begin, samples, last = time.monotonic(), [], 0
        while (now := time.monotonic() - begin) < self.minutes * 60:
            # Another process records; the program notices its commits.
            subprocess.run([PROGRAM, "demo", "--once", "--quiet", "--archive", str(archive)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=FOLDER, check=True)
            if now - last < 10:
                continue
            last = now
            tools.send("HeapProfiler.collectGarbage")
            numbers = {one["name"]: one["value"] for one in tools.send("Performance.getMetrics")["metrics"]}
            with open(f"/proc/{self.site.process.pid}/statm") as file:
                resident = int(file.read().split()[1]) * 4096
            footer = self.page.locator("#footer").inner_text()
            samples.append((numbers["JSHeapUsedSize"] / 1e6, numbers["Nodes"], resident / 1e6))
            print(f"{now:6.0f} s: heap {samples[-1][0]:5.1f} MB, {samples[-1][1]:6.0f} nodes, program {samples[-1][2]:5.1f} MB; {footer[:80]}", flush=True)
        expect(self.page.locator(".follow")).to_contain_text("following")
        third = max(1, len(samples) // 3)
        for name, index in (("heap", 0), ("nodes", 1), ("program", 2)):
            middle, end = (statistics.median(sample[index] for sample in part) for part in (samples[third:2 * third] or samples, samples[-third:]))
            print(f"{name}: middle third {middle:.1f}, last third {end:.1f}, most {max(sample[index] for sample in samples):.1f}")
            self.assertLess(end, middle * 1.15 + 2, f"{name} grows")


if __name__ == "__main__":
    Soak.minutes = float(sys.argv[1])
    archive = FOLDER / "soak.sqlite"
    run("demo", "--once", "--archive", str(archive))
    Soak.server = staticmethod(lambda: Server("--archive", str(archive), "--listen", "127.0.0.1:0"))
    result = Soak().run()
    for _, text in result.failures + result.errors:
        sys.exit(text)
