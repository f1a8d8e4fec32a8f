"""The program under test, and the other programs that read what it writes."""

import subprocess
import sys
from pathlib import Path

jirei, work = sys.argv[1], Path(sys.argv[2])

SAMPLE = "corpus/sample.csv"


def run(*arguments, status=0):
    done = subprocess.run([jirei, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == status, (arguments, done.stderr)
    return done.stdout


def office(path, kind, into, *options):
    """The file that LibreOffice makes of `path`, with a profile of its own so that it doesn't meet another one running."""
    profile = f"-env:UserInstallation={(work / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", *options, "--convert-to", kind, "--outdir", into, path]
    subprocess.run(list(map(str, command)), check=True, capture_output=True, timeout=180)
    return Path(into) / (Path(path).stem + "." + kind.split(":")[0])
