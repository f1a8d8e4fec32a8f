"""Makes the pictures of the READMEs from the sample. See README.md."""

import pathlib
import sys
import tempfile

from page import Page, report

jirei, folder = sys.argv[1], pathlib.Path(sys.argv[2])
with tempfile.TemporaryDirectory() as made:
    page = Page(made, 1180, 860)
    try:
        out = pathlib.Path(made) / "sample.html"
        report(jirei, "corpus/sample.csv", out, "--title", "自由記述の調査（見本）")
        page.open(out, "#overview")
        page.picture(folder / "report-overview.png")
        page.open(out, "#read?cat=black-circle")
        page.press("j", "a", "j")
        page.run("scrollTo(0, 0)")
        page.wait(lambda: page.run("return getComputedStyle(document.getElementById('toast')).opacity") == "0")
        page.picture(folder / "report-reading.png")
    finally:
        page.close()
