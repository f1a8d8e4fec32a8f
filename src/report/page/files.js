// What leaves the page: files saved, tables copied.

function save(name, type, content) {
  const link = h("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  say(`${name} を保存しました`);
}

// As all CSV files of jirei: byte order mark, CRLF, and an apostrophe before what Excel would run as a formula.
function csv(rows) {
  const cell = (value) => {
    const text = /^'*[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `\ufeff${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

// The rows of a CSV file, cells without the apostrophe that `csv` puts before formulas. Excel saves in Shift_JIS.
async function readCsv(file) {
  const bytes = await file.arrayBuffer();
  let text;
  try { text = new TextDecoder("utf-8", { fatal: true }).decode(bytes); } catch { text = new TextDecoder("shift_jis").decode(bytes); }
  const rows = [];
  let row = [];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/g)) {
    const cell = quoted?.replaceAll('""', '"') ?? bare;
    row.push(/^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell);
    if (end !== ",") {
      if (row.length > 1 || row[0] !== "") rows.push(row);
      row = [];
    }
  }
  return rows;
}

// To the clipboard, for Word with its formatting and for everything else as text. By the copy event: it works from a
// file and asks for no permission.
function copy(text, html) {
  const put = (event) => {
    event.preventDefault();
    event.clipboardData.setData("text/plain", text);
    if (html) event.clipboardData.setData("text/html", html);
  };
  document.addEventListener("copy", put, { once: true });
  const isDone = document.execCommand("copy");
  document.removeEventListener("copy", put);
  return isDone;
}

const marked = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

// The columns between number and quote: places and kinds of facility where they can be told, else the first ones.
function usualColumns() {
  const told = dimensions.filter((dimension) => isPlace(dimension) || isKind(dimension));
  const own = dimensions.filter(({ index, isUseful }) => index > 0 && isUseful);
  return (told.length > 0 ? told : own).slice(0, 2).map(({ name }) => name);
}

const printing = { columns: usualColumns(), isNumbered: true, isOneTable: false, hasNotes: false };
try { Object.assign(printing, JSON.parse(localStorage.getItem("jirei/printing") ?? "{}")); } catch { /* as usual */ }

function keepPrinting(change) {
  Object.assign(printing, change);
  try { localStorage.setItem("jirei/printing", JSON.stringify(printing)); } catch { /* for this visit only */ }
}

// What a column is called in a report: in Japanese, whatever the file calls it.
const printedName = (dimension) => (/[^ -~]/.test(dimension.name) ? dimension.name : isPlace(dimension) ? "都道府県" : isKind(dimension) ? "区分" : dimension.name);

// Shares of the width, in percent; what is left is the quote's, at least a third.
function widths(header) {
  const asked = header.map((name) => ({ "No.": 7, カテゴリ: 17, 事例: 0, メモ: 18 }[name] ?? 14));
  const sum = asked.reduce((all, width) => all + width, 0);
  const scale = Math.min(1, 66 / sum);
  return asked.map((width) => Math.round(width === 0 ? 100 - sum * scale : width * scale));
}

// A quote as it is printed: with all places where it stands for answers from several.
function printedQuote(category, pin) {
  const places = quoteOf(category, pin)?.places ?? [];
  const text = quoteText(pin);
  return places.length > 1 ? `${text.trimEnd()}（${places.join("・")}）` : text;
}

// The cell of a column beside it: 愛知県など.
function printedValue(category, pin, column) {
  const value = valueOf(pin.comment, column);
  return column === placeColumn && (quoteOf(category, pin)?.places ?? []).length > 1 ? `${value}など` : value;
}

const countStatement = (category) =>
  `回答あり ${number(total.answered.count)} 件のうち ${number(category.count)} 件（${percent(category.count, total.answered.count)}）`;

// What is printed: [{ heading, statement, header, rows }], numbered through.
function tables() {
  const columns = dimensions.filter(({ name }) => printing.columns.includes(name));
  const header = [
    ...(printing.isNumbered ? ["No."] : []), ...(printing.isOneTable ? ["カテゴリ"] : []),
    ...columns.map(printedName), "事例", ...(printing.hasNotes ? ["メモ"] : []),
  ];
  let count = 0;
  const made = [];
  for (const category of categories) {
    const rows = desk.choices[category.index].pins.map((pin) => {
      count += 1;
      return [
        ...(printing.isNumbered ? [String(count)] : []), ...(printing.isOneTable ? [category.name] : []),
        ...columns.map((column) => printedValue(category, pin, column)), printedQuote(category, pin), ...(printing.hasNotes ? [pin.notes] : []),
      ];
    });
    if (rows.length === 0) continue;
    if (printing.isOneTable && made.length > 0) made[0].rows.push(...rows);
    else if (printing.isOneTable) made.push({ heading: "", statement: "", header, rows });
    else made.push({ heading: category.name, statement: countStatement(category), header, rows });
  }
  return made;
}

function wordHtml() {
  const cell = (tag, text, width) => {
    const lines = marked(text).replace(/\r\n?|\n/g, "<br>");
    const style = `border:0.5pt solid #444;padding:3pt 5pt;vertical-align:top;width:${width}%;${tag === "th" ? "background:#eee;text-align:left;" : ""}`;
    return `<${tag} width="${width}%" valign="top" style="${style}">${lines}</${tag}>`;
  };
  const table = ({ heading, statement, header, rows }) => {
    const shares = widths(header);
    const row = (tag) => (cells) => `<tr>${cells.map((text, at) => cell(tag, text, shares[at])).join("")}</tr>`;
    const head = heading ? `<h3>${marked(heading)}</h3><p>${marked(statement)}</p>` : "";
    return `${head}<table width="100%" style="border-collapse:collapse;width:100%;font-size:10.5pt"><thead>${row("th")(header)}</thead><tbody>${rows.map(row("td")).join("")}</tbody></table>`;
  };
  return `<meta charset="utf-8">${tables().map(table).join("<p></p>")}`;
}

const plainTables = () => tables().map(({ heading, statement, header, rows }) =>
  [...(heading ? [heading, statement] : []), ...[header, ...rows].map((row) => row.map((text) => text.replace(/\s*\n\s*/g, " ")).join("\t"))].join("\n")).join("\n\n");

function markdown() {
  const cell = (text) => text.replace(/[\\|`*_<>[\]#]/g, "\\$&").replace(/\r\n?|\n/g, "<br>");
  const line = (cells) => `| ${cells.map(cell).join(" | ")} |`;
  return tables().map(({ heading, statement, header, rows }) => [
    ...(heading ? [`## ${cell(heading)}`, "", statement, ""] : []),
    line(header), `|${header.map(() => "---").join("|")}|`, ...rows.map(line), "",
  ].join("\n")).join("\n");
}

// As quotes.csv, with the editor's notes.
function basketCsv() {
  const attributes = dimensions.slice(1);
  const rows = [["カテゴリ", "順位", "引用", "番号", "問", ...attributes.map(({ name }) => name), "同様の件数", "地域", "メモ"]];
  for (const category of categories) {
    desk.choices[category.index].pins.forEach((pin, at) => rows.push([
      category.name, String(at + 1), quoteText(pin), pin.comment.id, pin.comment.question,
      ...attributes.map((column) => valueOf(pin.comment, column)),
      String(quoteOf(category, pin)?.similar ?? 0), (quoteOf(category, pin)?.places ?? []).join("・"), pin.notes,
    ]));
  }
  return csv(rows);
}

// A gold file: `jirei eval` reads id, question, text and labels; the rest is for people.
function correctionsCsv() {
  const attributes = dimensions.slice(1).filter(({ name }) => !["id", "question", "text", "labels", "変更前"].includes(name));
  const rows = [["id", "question", "text", "labels", "変更前", ...attributes.map(({ name }) => name)]];
  for (const [index, labels] of [...desk.corrections].sort(([a], [b]) => a - b)) {
    const comment = comments[index];
    const before = comment.tags.map(({ category }) => categories[category].id).join(";");
    rows.push([comment.id, comment.question, comment.text, labels.join(";"), before, ...attributes.map((column) => valueOf(comment, column))]);
  }
  return csv(rows);
}
