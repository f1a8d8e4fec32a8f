"""Compares the workbook and the documents with the CSV and Markdown of the same run, as other programs read them."""

import csv
import html
import re
import warnings

import docx
import openpyxl

from common import SAMPLE, office, run, work

# Bars and shades of tables are kept in extensions that openpyxl doesn't know.
warnings.filterwarnings("ignore", module="openpyxl")

def restore(cell):
    return cell[1:] if re.match(r"'+[=+\-@\t\r]", cell) else cell


def table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return [[restore(cell) for cell in row] for row in csv.reader(file)]


def text_of(path, kind):
    """LibreOffice's reading of `path`."""
    return office(path, kind, work).read_text(encoding="utf-8-sig")


def lines(text):
    """A cell's text as a spreadsheet holds it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def shown(value):
    return "" if value is None else str(value)


def no_formulas(book):
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate, cell.value)


def the_workbook_says_what_the_csv_says():
    out = work / "out"
    run("tag", SAMPLE, "-q", "-o", out)
    book = openpyxl.load_workbook(out / "tagged.xlsx")
    sheets = ["タグ付きコーパス", "カテゴリ集計", "クロス集計", "代表引用", "未分類", "実行情報"]
    assert book.sheetnames == sheets, book.sheetnames
    no_formulas(book)

    rows, sheet = table(out / "tagged.csv"), book["タグ付きコーパス"]
    assert sheet.freeze_panes == "B2" and sheet.auto_filter.ref.startswith("A1:"), sheet.freeze_panes
    header = [cell.value for cell in sheet[1]]
    columns = [header.index(name) for name in rows[0] if name != "根拠"]
    kept = [at for at, name in enumerate(rows[0]) if name != "根拠"]
    assert set(header) - set(rows[0]) == {"確定"}, header
    assert sheet.max_row == len(rows)
    for row, cells in zip(rows[1:], sheet.iter_rows(min_row=2, values_only=True)):
        assert [lines(row[at]) for at in kept] == [shown(cells[at]) for at in columns], row

    summary = {row[0]: row[3] for row in table(out / "summary.csv")[1:]}
    counted = {row[1]: shown(row[2]) for row in book["カテゴリ集計"].iter_rows(values_only=True) if row[1] in summary}
    assert len(counted) > 30 and all(summary[name] == count for name, count in counted.items())

    quotes = [[lines(cell) for cell in row] for row in table(out / "quotes.csv")]
    found = [[shown(cell) for cell in row] for row in book["代表引用"].iter_rows(values_only=True)]
    at = quotes[0].index("引用")
    assert [row[at] for row in quotes] == [row[found[0].index("引用")] for row in found]
    untagged = sum(1 for row in rows[1:] if row[rows[0].index("状態")] == "回答あり" and not row[rows[0].index("カテゴリ")])
    assert book["未分類"].max_row == 1 + untagged

    opened = list(csv.reader(text_of(out / "tagged.xlsx", "csv:Text - txt - csv (StarCalc):44,34,76,1").splitlines(True)))
    assert len(opened) == len(rows)
    for row, cells in zip(rows[1:], opened[1:]):
        assert [lines(row[at]) for at in kept] == [lines(cells[at]) for at in columns], row
    print(f"workbook: {len(rows) - 1} rows, {len(header)} columns")


def hostile_texts_stay_texts():
    texts = [
        "=1+1", "@SUM(A1)", "+81", "-", "\t=1", "'=1", "_x000D_ と _x0041_", "a&b<c>\"d\"", "一\r\n二\r三",
        "顔認証ができない_x000D_", "\u202e右から左", "\u2028行", "𠮷" * 200, "<script>alert(1)</script>顔認証ができない",
    ]
    with open(work / "hostile.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "都道府県", "text"])
        writer.writerows([[f"={at}", "=cmd|'/c calc'!A1", text] for at, text in enumerate(texts)])
        writer.writerow(["long", "", "顔認証ができない。" * 5000])
    run("tag", work / "hostile.csv", "--id", "id", "--text", "text", "-q", "--format", "xlsx", "-o", work / "hostile.xlsx")
    book = openpyxl.load_workbook(work / "hostile.xlsx")
    no_formulas(book)
    rows = list(book["タグ付きコーパス"].iter_rows(min_row=2, max_col=3, values_only=True))
    for at, (text, cells) in enumerate(zip(texts, rows)):
        # openpyxl leaves the escapes of the format as they are; Excel and LibreOffice resolve them.
        cells = [re.sub(r"_x005F_(?=x[0-9A-Fa-f]{4}_)", "_", cell) for cell in cells]
        assert cells == [f"={at}", "=cmd|'/c calc'!A1", lines(text)], cells
    assert len(rows[-1][2].encode("utf-16-le")) // 2 == 32767 and rows[-1][2].endswith("以下略）")
    run("report", work / "hostile.csv", "--id", "id", "--text", "text", "--layout", "numbered", "--all", "-q", "-o", work / "hostile.docx")
    cells = [row.cells[-2].text for row in docx.Document(work / "hostile.docx").tables[0].rows]
    answered = [text for text in texts if text != "-"]
    assert cells[1 : 1 + len(answered)] == [lines(text).replace("\u2028", "\n") for text in answered], cells
    print(f"hostile texts: {len(texts)}")


def decisions_are_read_back():
    book = openpyxl.load_workbook(work / "out" / "tagged.xlsx")
    sheet = book["タグ付きコーパス"]
    header = [cell.value for cell in sheet[1]]
    state, categories, decision = (header.index(name) for name in ("状態", "カテゴリ", "確定"))
    decided = 0
    for row in sheet.iter_rows(min_row=2):
        if row[state].value == "回答あり" and decided < 60:
            row[decision].value = ["○", row[categories].value or "なし"][decided % 2]
            decided += 1
    book.save(work / "decided.xlsx")
    scores = run("eval", work / "decided.xlsx", "--labels", "確定")
    assert f"記述 {decided} 件。カテゴリがすべて一致 {decided} 件" in scores, scores
    print(f"decisions read back: {decided}")


def cells_of(markdown):
    for line in markdown.splitlines():
        if line.startswith("|") and not re.fullmatch(r"[|:\- ]+", line):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            yield [html.unescape(re.sub(r"\\(.)", r"\1", cell.replace("<br>", "\n"))) for cell in cells]


def documents_say_what_the_markdown_says():
    template = docx.Document()
    template.styles["Heading 1"].font.name = "Courier New"
    template.sections[0].header.paragraphs[0].text = "様式"
    template.add_paragraph("この文は残らない")
    template.save(work / "template.docx")
    for layout, options in {
        "by-question": [], "themed": ["--template", work / "template.docx"], "numbered": [], "by-subject": [],
        "waves": [], "single": ["--category", "顔認証失敗", "--where", "区分=病院"],
    }.items():
        options = [SAMPLE, "--layout", layout, "-n", "3", "-q", *options]
        markdown = run("report", *options, "--format", "md", "-o", "-")
        path = work / f"{layout}.docx"
        run("report", *options, "-o", path)
        document = docx.Document(path)
        rows = [[cell.text for cell in row.cells] for found in document.tables for row in found.rows]
        expected = [[cell.strip() for cell in row] for row in cells_of(markdown)]
        assert [[cell.strip() for cell in row] for row in rows] == expected, layout
        headings = [p.text for p in document.paragraphs if p.style.name.lower().startswith("heading")]
        assert len(headings) == sum(line.startswith("##") for line in markdown.splitlines()), layout
        assert "集計の方法" in headings
        items = [lines(p.text)[1:] for p in document.paragraphs if p.text.startswith("・")]
        listed = [line[2:] for line in markdown.splitlines() if line.startswith("- ")]
        listed = [html.unescape(re.sub(r"\\(.)", r"\1", item.replace("<br>", "\n"))) for item in listed]
        assert items == listed, layout
        if layout == "themed":
            assert document.styles["Heading 1"].font.name == "Courier New"
            assert document.sections[0].header.paragraphs[0].text == "様式"
            assert not any("残らない" in paragraph.text for paragraph in document.paragraphs)
        opened = re.sub(r"\s", "", text_of(path, "txt:Text (encoded):UTF8"))
        for row in rows:
            for cell in row:
                assert re.sub(r"\s", "", cell) in opened, (layout, cell)
        run("report", *options, "-o", work / f"{layout}.xlsx")
        no_formulas(openpyxl.load_workbook(work / f"{layout}.xlsx"))
        print(f"{layout}: {len(document.tables)} tables, {len(rows)} rows, {len(items)} items")


the_workbook_says_what_the_csv_says()
hostile_texts_stay_texts()
decisions_are_read_back()
documents_say_what_the_markdown_says()
