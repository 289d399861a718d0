"""The interface is what docs/openapi.json says: schemathesis asks the program about 2,000 times, with what the description allows
and with what it does not. No answer is an error of the program, and each has the shape that is described."""
import json
import pathlib
import re
import subprocess
import sys
import unittest

from support import FOLDER, ROOT, captures

DESCRIPTION = ROOT / "docs/openapi.json"
# Not asked here: a stream has no end, and a token has no session that could end.
LEFT_OUT = ("/api/v1/state", "/api/v1/session")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,negative_data_rejection,unsupported_method"
# A query that is longer than the server reads is too large (413).
SETTINGS = "[checks.negative_data_rejection]\nexpected-statuses = [400, 404, 405, 413]\n"


def schemathesis(server, description=DESCRIPTION, examples=36, *more):
    """Asks the program; returns the exit code and the report."""
    settings = FOLDER / "schemathesis.toml"
    settings.write_text(SETTINGS)
    command = [str(pathlib.Path(sys.executable).parent / "schemathesis"), "--config-file", str(settings), "run", str(description), "--url", server.base, "--header", "Authorization: Bearer " + server.token,
               "--workers", "2", "--seed", "20061121", "--checks", CHECKS, "--max-examples", str(examples), "--phases", "examples,coverage,fuzzing", "--suppress-health-check", "all", "--warnings", "off", "--no-shrink", *more]
    for path in LEFT_OUT if not more else ():
        command += ["--exclude-path", path]
    result = subprocess.run(command, capture_output=True, text=True, timeout=400, cwd=FOLDER)
    return result.returncode, result.stdout + result.stderr


class Contract(unittest.TestCase):
    def test_the_program_does_what_the_description_says(self):
        server = captures()
        code, report = schemathesis(server)
        self.assertEqual(code, 0, report[-8000:])
        cases = int(re.search(r"([\d,]+) generated", report).group(1).replace(",", ""))
        self.assertGreater(cases, 1_500)
        self.assertIsNone(server.process.poll(), "the program goes on")

    def test_another_description_is_noticed(self):
        """Control: a key that answers do not have, a status that is not described, and a value that is not refused."""
        description = json.loads(DESCRIPTION.read_text())
        description["components"]["schemas"]["SignIn"]["required"].append("nothing")
        description["components"]["parameters"]["limit"]["schema"]["maximum"] = 3
        del description["paths"]["/api/v1/filter"]["get"]["responses"]["200"], description["paths"]["/api/v1/filter"]["get"]["responses"]["default"]
        description["paths"]["/api/v1/filter"]["get"]["responses"]["204"] = {"description": "Nothing."}
        changed = FOLDER / "other-openapi.json"
        changed.write_text(json.dumps(description))
        code, report = schemathesis(captures(), changed, 5, "--include-path", "/api/v1/sign-ins", "--include-path", "/api/v1/filter", "--continue-on-failure")
        self.assertEqual(code, 1, report[-3000:])
        for sign in ('"nothing" is a required property', "Undocumented status code", "Schema-violating request accepted"):
            self.assertIn(sign, report)


if __name__ == "__main__":
    unittest.main()
