"""What an editor does with the page, done in headless Chromium. See README.md."""

import csv
import html
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from selenium.webdriver.common.keys import Keys

from page import Page, listed, report, selection

JIREI, MANY = os.path.abspath(sys.argv[1]), sys.argv[2]
SAMPLE = "corpus/sample.csv"

HOSTILE = [
    "<script>document.title='broken'</script>●になる",
    "<img src=x onerror=\"document.title='broken'\">顔認証ができない",
    "</script><script>document.title='broken'</script>顔認証ができない",
    "顔認証\u2028ができない\u2029。",
    "ｗ" * 4000 + "顔認証ができない",
    "\u202e顔認証ができない\u202c \u200fשלום\u200f",
    "<!-- <script> --> &lt;b&gt; {{data}} ${1} 顔認証ができない",
    "=HYPERLINK(\"http://example.com\")顔認証ができない",
    "𠮷田さんの顔認証ができない👨‍👩‍👧",
]


def loads_and_leads_from_figures_to_answers(page, sample):
    page.open(sample)
    assert "sample" in page.text("h1")
    assert page.text(".account").startswith("記述 720 件 ＝ 回答あり 511")
    # Any bar leads to as many answers as it says.
    bar = page.one(".bar")
    count = int(bar.find_element("css selector", ".bar-count").text.replace(" 件", "").replace(",", ""))
    bar.click()
    page.wait(lambda: page.run("return document.body.dataset.view") == "read")
    assert listed(page) == count > 0
    # So does a cell of the heat map, whose share is of the column.
    page.open(sample, "#overview?by=区分")
    cell = page.one(".heat td a")
    share = cell.find_element("css selector", "small").text
    count = int(cell.text.split("\n")[0])
    whole = int(page.text(".heat thead th:nth-child(2) small").removeprefix("n="))
    assert share == f"{100 * count / whole:.1f} %", (share, count, whole)
    page.run("arguments[0].click()", cell)
    page.wait(lambda: page.run("return document.body.dataset.view") == "read")
    assert listed(page) == count


def filters_and_keeps_them_in_the_address(page, sample):
    page.open(sample, "#read?cat=black-circle")
    alone = listed(page)
    page.open(sample, "#read?cat=black-circle&cat=name-address")
    both = listed(page)
    page.open(sample, "#read?cat=black-circle&cat=name-address&or=1")
    either = listed(page)
    page.open(sample, "#read?cat=black-circle&not=name-address")
    without = listed(page)
    assert both + without == alone and either > alone > without > 0, (alone, both, either, without)
    # A value, ticked.
    page.open(sample, "#read")
    everything = listed(page)
    page.run("document.querySelectorAll('details.values').forEach((d) => { d.open = true; })")
    label = next(l for l in page.all(".values label") if "医科診療所" in l.text)
    count = int(label.find_element("css selector", ".count").text)
    label.find_element("css selector", "input").click()
    page.wait(lambda: listed(page) == count)
    assert 0 < count < everything
    assert "区分" in page.run("return decodeURIComponent(location.hash)")
    address = page.run("return location.hash")
    page.driver.back()
    page.wait(lambda: listed(page) == everything)
    page.open(sample, address)
    assert listed(page) == count


def searches_in_any_width_and_marks_what_it_found(page, sample):
    page.open(sample, "#read")
    page.search("顔認証")
    count = listed(page)
    assert count > 0
    assert all("顔認証" in text for text in page.texts(".card .text")[:20])
    assert "顔認証" in page.texts("mark.hit")
    page.search("カード")
    full = listed(page)
    page.search("ｶｰﾄﾞ")
    assert listed(page) == full > 0
    page.search("どこにもない語")
    assert listed(page) == 0 and "当てはまる回答がありません" in page.text("main")


def marks_the_evidence_of_the_category(page, sample):
    page.open(sample, "#read?cat=black-circle")
    marks = page.texts("section[aria-label=回答] mark.evidence")
    assert len(marks) >= listed(page) and sum("●" in mark for mark in marks) > len(marks) / 2, marks
    assert page.texts(".best .card .reason")


def chooses_by_keyboard_and_remembers(page, sample):
    page.open(sample, "#read?cat=black-circle")
    page.press("j", "a", "j", "a", "j", "x")
    page.wait(lambda: len(page.all(".card.pinned")) >= 2 and page.all(".card.banned"))
    page.press("3")
    page.wait(lambda: page.run("return document.body.dataset.view") == "basket")
    first, second = page.texts("blockquote")
    # By the keyboard, then by the mouse.
    page.run("document.querySelector('.pin-item').focus()")
    page.driver.switch_to.active_element.send_keys(Keys.ALT, Keys.ARROW_DOWN)
    page.wait(lambda: page.texts("blockquote") == [second, first])
    page.run("""
        const [a, b] = document.querySelectorAll('.pin-item');
        const transfer = new DataTransfer();
        a.querySelector('.handle').dispatchEvent(new DragEvent('dragstart', { bubbles: true, dataTransfer: transfer }));
        b.dispatchEvent(new DragEvent('dragover', { bubbles: true, cancelable: true, dataTransfer: transfer }));
        b.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: transfer }));
    """)
    page.wait(lambda: page.texts("blockquote") == [first, second])
    note = page.one(".pin-item .notes")
    note.send_keys("見出しに使う", Keys.TAB)
    page.open(sample, "#basket")
    assert page.texts("blockquote") == [first, second]
    assert page.one(".pin-item .notes").get_attribute("value") == "見出しに使う"


def saves_a_selection_that_it_and_the_program_read(page, sample):
    page.open(sample, "#basket")
    page.click("button", "保存（selection.json）")
    content = page.saved("selection.json")
    saved = selection(content)
    assert saved["schema"] == "jirei-selection/1"
    choice = saved["categories"][0]
    assert choice["category"] == "black-circle" and len(choice["pins"]) == 2 and len(choice["bans"]) == 1
    assert choice["pins"][0]["notes"] == "見出しに使う"
    before = page.texts("blockquote")
    path = page.folder / "mine.json"
    # An entry of another survey stays in the file.
    strange = content.decode().replace('"pins": [', '"pins": [{"id": "いない人", "question": "問7"},', 1)
    path.write_text(strange, encoding="utf-8")
    page.run("localStorage.clear()")
    page.open(sample, "#basket")
    assert page.texts("blockquote") == []
    page.one("#load").send_keys(str(path))
    page.wait(lambda: page.texts("blockquote") == before)
    assert "いない人" in page.text("main")
    page.click("button", "保存（selection.json）")
    again = selection(page.saved("selection.json"))
    assert [pin["id"] for pin in again["categories"][0]["pins"]][-1] == "いない人"
    # The program starts a page with it.
    with_selection = page.folder / "with.html"
    path.write_bytes(content)
    report(JIREI, SAMPLE, with_selection, "--selection", str(path))
    page.run("localStorage.clear()")
    page.open(with_selection, "#basket")
    assert page.texts("blockquote") == before
    # What can't be read changes nothing.
    page.run("confirm = () => true")
    for wrong in ("{", '{"schema": "another/1"}', '{"schema": "jirei-selection/1", "categories": [{"category": "time-lag", "pins": 3}]}'):
        path.write_text(wrong, encoding="utf-8")
        page.one("#load").send_keys(str(path))
        page.wait(lambda: "は読めません" in page.text("#toast"))
        assert page.texts("blockquote") == before
        page.run("document.getElementById('toast').textContent = ''; document.getElementById('load').value = ''")
    page.run("localStorage.clear()")


def exports_tables(page, sample):
    page.open(sample, "#basket")
    page.click(".empty button")
    page.wait(lambda: len(page.all(".pin-item")) > 12)
    quotes = page.texts("blockquote")
    page.click("button", "CSV")
    rows = list(csv.reader(io.StringIO(page.saved("quotes.csv").decode("utf-8-sig"), newline="")))
    assert rows[0][:5] == ["カテゴリ", "順位", "引用", "番号", "問"]
    assert [row[2] for row in rows[1:]] == quotes
    # A quote that stands for answers from several places is printed with all of them.
    several = [row[rows[0].index("地域")] for row in rows[1:]]
    several = [places if "・" in places else "" for places in several]
    assert any(several)
    expected = [f"{quote.rstrip()}（{places}）" if places else quote for quote, places in zip(quotes, several)]
    page.click("button", "Markdown")
    markdown = page.saved("quotes.md").decode()
    assert markdown.startswith("## ") and "| No. | 都道府県 | 区分 | 事例 |" in markdown
    # What Word would get.
    page.run("addEventListener('copy', (e) => { window.got = e.clipboardData.getData('text/html'); })")
    page.click("button", "Word へコピー")
    got = page.run("return window.got")
    cells = [html.unescape(cell.replace("<br>", "\n")) for cell in re.findall(r"<td[^>]*>([^<]*(?:<br>[^<]*)*)</td></tr>", got)]
    assert cells == expected
    assert sum("など</td>" in row for row in got.split("</tr>")) == sum(map(bool, several))
    assert got.count("<table") == got.count("<h3>") == len(page.all(".taken"))


def cuts_an_excerpt_anew(page, sample):
    item = page.all(".pin-item")[0]
    next(b for b in item.find_elements("css selector", "button") if b.text == "切り直す").click()
    page.run("""
        const text = document.querySelector('.pin-body .text');
        const range = document.createRange();
        const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
        const node = walker.nextNode();
        range.setStart(node, 0); range.setEnd(node, Math.min(4, node.length));
        getSelection().removeAllRanges(); getSelection().addRange(range);
    """)
    cut = page.run("return getSelection().toString()")
    page.click(".pin-body button", "選んだ所だけにする")
    page.wait(lambda: page.texts("blockquote")[0].strip("…") == cut)
    page.run("localStorage.clear()")


def corrections_are_gold_for_eval_and_decisions_for_merge(page, sample):
    page.open(sample, "#read?cat=black-circle")
    page.press("j", "e")
    page.wait(lambda: page.all("dialog[open]"))
    # All categories can be reached by scrolling down.
    assert page.run("const b = document.querySelector('.boxes'); return b.scrollWidth <= b.clientWidth")
    box = next(l for l in page.all("dialog label") if l.text == "タイムラグ")
    box.click()
    page.click("dialog button.primary")
    page.press("j", "e")
    page.wait(lambda: page.all("dialog[open]"))
    for box in page.all("dialog input:checked"):
        box.click()
    page.click("dialog button.primary")
    page.press("3")
    page.click("button", "訂正 2 件")
    gold = page.saved("corrections.csv")
    rows = list(csv.DictReader(io.StringIO(gold.decode("utf-8-sig"), newline="")))
    assert len(rows) == 2 and any("time" in row["labels"] for row in rows) and any(row["labels"] == "" for row in rows), rows
    path = page.folder / "coded.csv"
    path.write_bytes(gold)
    done = subprocess.run([JIREI, "eval", str(path), "--min-support", "1"], capture_output=True, text=True)
    assert done.returncode == 0 and "タイムラグ" in done.stdout, done.stdout + done.stderr
    done = subprocess.run([JIREI, "merge", SAMPLE, "--decisions", str(path)], capture_output=True, text=True)
    merged = list(csv.DictReader(io.StringIO(done.stdout.lstrip("\ufeff"), newline="")))
    decided = {(row["id"], row["問"]) for row in merged if row["判定"] == "人"}
    assert done.returncode == 0 and decided == {(row["id"], row["question"]) for row in rows}, done.stderr
    page.open(sample, "#read?cat=black-circle")
    corrected = page.texts(".tag.corrected")
    assert any("タイムラグ" in text for text in corrected)
    # Loaded again, also as Excel saves it, and with an answer that isn't here.
    strange = gold.decode("utf-8-sig").rstrip("\r\n") + "\r\nいない人,問7,書いていない文,time-lag,,,,\r\n"
    for content, missed in ((gold, ""), (strange.encode("cp932"), "合わないもの 1 件（いない人）")):
        page.run("localStorage.clear()")
        page.open(sample, "#basket")
        assert not any("訂正" in text for text in page.texts("main button"))
        path.write_bytes(content)
        page.one("#load").send_keys(str(path))
        page.wait(lambda: "訂正 2 件を読み込みました" in page.text("#toast") and missed in page.text("#toast"))
        page.click("button", "訂正 2 件")
        assert page.saved("corrections.csv") == gold
    page.open(sample, "#read?cat=black-circle")
    assert page.texts(".tag.corrected") == corrected
    # Another table is refused.
    page.open(sample, "#basket")
    path.write_text("都道府県,件数\n東京都,3\n", encoding="utf-8")
    page.one("#load").send_keys(str(path))
    page.wait(lambda: "は読めません" in page.text("#toast"))
    path.unlink()
    page.run("localStorage.clear()")


def prints_on_a4(page, sample):
    page.open(sample, "#basket")
    page.click(".empty button")
    page.wait(lambda: len(page.all(".pin-item")) > 12)
    assert page.pdf().startswith(b"%PDF")
    page.open(sample, "#overview")
    assert page.pdf().startswith(b"%PDF")
    page.run("localStorage.clear()")


def prints_many_columns_in_parts(page, sample):
    answers = page.folder / "places.csv"
    with open(answers, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "都道府県", "回答"])
        for number in range(47 * 3):
            writer.writerow([number, f"第{number % 47 + 1}の県", f"顔認証が{number}回できない"])
    out = page.folder / "places.html"
    report(JIREI, answers, out, "--text", "回答")
    # A4 without its margins, in pixels of CSS.
    width = round((210 - 2 * 16) / 25.4 * 96)
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 980, "deviceScaleFactor": 1, "mobile": False})
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    page.open(out, "#overview?by=都道府県")
    page.run("dispatchEvent(new Event('beforeprint'))")
    parts = page.run("return [...document.querySelectorAll('.part table')].map((t) => [...t.rows[0].cells].slice(1).map((c) => c.firstChild.data))")
    assert len(parts) == 3 and len({name for part in parts for name in part}) == 47, parts
    rows = page.run("return [...document.querySelectorAll('.part table')].map((t) => t.rows.length)")
    assert len(set(rows)) == 1 and rows[0] > 1, rows
    assert page.run("return document.documentElement.scrollWidth") <= width
    page.run("dispatchEvent(new Event('afterprint'))")
    assert not page.all(".part")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def works_on_a_phone_and_without_a_store(page, sample):
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True})
    for view in ("#overview", "#read?cat=black-circle", "#basket"):
        page.open(sample, view)
        assert page.run("return document.documentElement.scrollWidth") <= 390, view
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def names_everything_for_screen_readers(page, sample):
    for view in ("#overview", "#read?cat=black-circle", "#basket"):
        page.open(sample, view)
        nameless = page.run("""
            return [...document.querySelectorAll('button, a, input, select')].filter((e) =>
                e.getClientRects().length > 0 && !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length)).map((e) => e.className)
        """)
        assert nameless == [], nameless
    assert len(page.all("main")) == 1 and len(page.all("h1")) >= 1


def shows_hostile_answers_as_text(page, sample):
    answers = page.folder / "hostile.csv"
    with open(answers, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "<b>区分</b>", "回答"])
        for number, text in enumerate(HOSTILE):
            writer.writerow([f"<i>{number}</i>", "<u>診療所</u>", text])
    out = page.folder / "hostile.html"
    report(JIREI, answers, out, "--title", "</title><script>document.title='broken'</script>")
    page.open(out, "#read")
    assert page.texts("section[aria-label=回答] .card .text") == HOSTILE
    assert page.run("return document.title").startswith("</title>")
    assert page.run("return document.querySelectorAll('script').length") == 2
    assert page.run("return document.querySelectorAll('main img, main script, main i, main u').length") == 0
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")
    # The policy stops what gets into the page all the same.
    page.run("const s = document.createElement('script'); s.textContent = \"document.title = 'broken'\"; document.body.append(s)")
    page.run("const i = new Image(); i.src = 'http://127.0.0.1:9/x.png'")
    assert page.run("return document.title") != "broken"
    refused = page.complaints()
    assert sum("Content Security Policy" in message for message in refused) >= 2, refused
    page.open(out, "#read")
    page.search("script")
    assert listed(page) == 3
    page.run("localStorage.clear()")


def is_quick_with_ten_thousand(page, sample):
    out = page.folder / "many.html"
    seconds = report(JIREI, MANY, out)
    # The best of three, here and below: what else the machine does is not the page's latency.
    def interactive_after(address):
        page.open(out, address)
        return page.run("return performance.getEntriesByType('navigation')[0].domInteractive") / 1000

    interactive = min(interactive_after("") for _ in range(3))
    reading = min(interactive_after("#read") for _ in range(3))
    timed = """
        const [hash, done] = arguments;
        const start = performance.now();
        addEventListener('hashchange', () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - start))), { once: true });
        location.hash = hash;
    """
    page.driver.execute_async_script(timed, "#read?q=x")
    addresses = ("#read?cat=face-auth", "#read?q=保険証", "#read?=区分=病院", "#read?cat=time-lag&not=face-auth&q=カード", "#read",
                 "#overview")
    rounds = [{hash: page.driver.execute_async_script(timed, hash) for hash in addresses} for _ in range(3)]
    times = {hash: min(each[hash] for each in rounds) for hash in addresses}
    size = out.stat().st_size / 2**20
    print(f"  {seconds:.2f} s to make, {size:.1f} MiB, interactive after {interactive:.2f} s (overview), {reading:.2f} s (list); "
          + ", ".join(f"{hash} {ms:.0f} ms" for hash, ms in times.items()))
    if "release" in JIREI:
        assert seconds < 2
    assert max(interactive, reading) < 1, (interactive, reading)
    assert all(ms < 100 for hash, ms in times.items() if hash != "#overview"), times
    # The end can be reached.
    page.open(out, "#read")
    before = len(page.all(".card"))
    page.run("scrollTo(0, document.body.scrollHeight)")
    page.wait(lambda: len(page.all(".card")) > before)


TESTS = [
    loads_and_leads_from_figures_to_answers, filters_and_keeps_them_in_the_address,
    searches_in_any_width_and_marks_what_it_found, marks_the_evidence_of_the_category, chooses_by_keyboard_and_remembers,
    saves_a_selection_that_it_and_the_program_read, exports_tables, cuts_an_excerpt_anew,
    corrections_are_gold_for_eval_and_decisions_for_merge, prints_on_a4, prints_many_columns_in_parts, works_on_a_phone_and_without_a_store,
    names_everything_for_screen_readers,
    shows_hostile_answers_as_text, is_quick_with_ten_thousand,
]


def main():
    pictures = os.environ.get("JIREI_PICTURES")
    with tempfile.TemporaryDirectory() as folder:
        page = Page(folder)
        try:
            sample = pathlib.Path(folder) / "sample.html"
            report(JIREI, SAMPLE, sample)
            again = pathlib.Path(folder) / "again.html"
            report(JIREI, SAMPLE, again, "-j", "1")
            assert sample.read_bytes() == again.read_bytes(), "the same run, other bytes"
            for test in TESTS:
                started = time.monotonic()
                test(page, sample)
                if test is not shows_hostile_answers_as_text:
                    complaints = page.complaints()
                    assert complaints == [], (test.__name__, complaints)
                if pictures:
                    page.picture(pathlib.Path(pictures) / f"{test.__name__}.png")
                print(f"{test.__name__} ok ({time.monotonic() - started:.1f} s)")
        finally:
            page.close()


main()
