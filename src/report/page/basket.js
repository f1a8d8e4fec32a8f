// 採用: the quotes taken, in the order of printing.

let dragged = null;

function renderBasket() {
  cards = [];
  current = null;
  const taken = categories.filter(({ index }) => desk.choices[index].pins.length > 0);
  const chars = desk.choices.reduce((sum, { pins }) => sum + pins.reduce((own, pin) => own + charsIn(quoteText(pin)), 0), 0);
  fill(byId("main"),
    h("div", { class: "lead" }, h("h1", null, "採用した引用"),
      h("p", { class: "statement", role: "status" }, `${number(pinCount())} 件、${number(chars)} 字、${number(taken.length)} カテゴリ`)),
    basketTools(taken.length > 0),
    taken.length === 0 && h("div", { class: "empty" },
      h("p", null, "まだ 1 件も採用していません。「読む」で回答を選び、", h("kbd", null, "a"), " か［採用］を押すと、ここに並びます。"),
      h("button", { onclick: takeFirst }, "各カテゴリの代表引用の 1 位を採用してみる")),
    taken.map(basketCategory),
    leftOut(),
    printTables());
}

function takeFirst() {
  for (const category of categories) {
    const [best] = quotes[category.index];
    if (best) desk.choices[category.index].pins.push({ comment: best.comment, parts: best.parts, notes: "" });
  }
  keep();
  render();
}

function basketTools(isAny) {
  const flag = (name, label) => h("label", null, h("input", { type: "checkbox", checked: printing[name],
    onchange: (event) => { keepPrinting({ [name]: event.target.checked }); render(); } }), label);
  const column = ({ name }) => h("label", null, h("input", { type: "checkbox", checked: printing.columns.includes(name),
    onchange: (event) => {
      keepPrinting({ columns: event.target.checked ? [...printing.columns, name] : printing.columns.filter((other) => other !== name) });
      render();
    } }), name);
  const loader = h("input", { type: "file", accept: ".json,.csv", class: "visually-hidden", id: "load", onchange: (event) => load(event.target.files[0]) });
  return h("div", { class: "tools", role: "group", "aria-label": "書き出し" },
    h("div", { class: "row" },
      h("button", { class: "primary", disabled: !isAny, onclick: copyToWord }, "Word へコピー"),
      h("button", { disabled: !isAny, onclick: () => save("quotes.csv", "text/csv", basketCsv()) }, "CSV"),
      h("button", { disabled: !isAny, onclick: () => save("quotes.md", "text/markdown", markdown()) }, "Markdown"),
      h("button", { disabled: !isAny, onclick: () => print() }, "印刷・PDF"),
      h("span", { class: "gap" }),
      h("button", { onclick: () => save("selection.json", "application/json", `${JSON.stringify(toSelection(), null, 2)}\n`) }, "保存（selection.json）"),
      loader, h("label", { class: "button", for: "load", title: "selection.json か corrections.csv" }, "読み込む"),
      desk.corrections.size > 0 && h("button", { onclick: () => save("corrections.csv", "text/csv", correctionsCsv()) }, `訂正 ${number(desk.corrections.size)} 件を保存（CSV）`)),
    h("details", { class: "layout", open: Boolean(basketTools.isOpen), ontoggle: (event) => { basketTools.isOpen = event.target.open; } },
      h("summary", null, "表の形"),
      h("div", { class: "row" }, h("span", null, "列:"), dimensions.map(column)),
      h("div", { class: "row" }, flag("isNumbered", "通し番号（No.）"), flag("isOneTable", "1 つの表にまとめる"), flag("hasNotes", "メモの列も出す"))));
}

function copyToWord() {
  if (copy(plainTables(), wordHtml())) say("コピーしました。Word に貼り付けると表になります");
  else say("コピーできませんでした。CSV か Markdown で保存してください");
}

// A selection, or corrections: by what is in the file.
async function load(file) {
  if (!file) return;
  if (/^[\ufeff\s]*[{[]/.test(await file.slice(0, 100).text())) await loadSelection(file);
  else await loadCorrections(file);
}

async function loadSelection(file) {
  const before = toSelection();
  try {
    const selection = JSON.parse((await file.text()).replace(/^\ufeff/, ""));
    if (pinCount() > 0 && !confirm(`今の採用 ${pinCount()} 件を、読み込む内容に置きかえます。よろしいですか`)) return;
    takeSelection(selection);
    keep();
    render();
    say(`${file.name} を読み込みました（採用 ${number(pinCount())} 件${desk.stale.length > 0 ? `、見つからないもの ${number(desk.stale.length)} 件` : ""}）`);
  } catch (error) {
    takeSelection(before);
    say(`${file.name} は読めません: ${error instanceof SyntaxError ? "JSON の書き方に誤りがあります" : error.message}`);
  }
}

function basketCategory(category) {
  const choice = desk.choices[category.index];
  return h("section", { class: "taken" },
    h("div", { class: "row" }, h("h2", null, h("a", { href: linkTo({ ...NO_FILTER, view: "read", cats: [category.id] }) }, category.name)),
      h("small", null, `${choice.pins.length} 件、${countStatement(category)}`)),
    notesField(`「${category.name}」のメモ`, choice),
    h("ol", { class: "pins" }, choice.pins.map((pin, at) => basketItem(category, pin, at))));
}

function notesField(label, holder) {
  return h("input", { class: "notes", value: holder.notes, placeholder: "メモを書く", "aria-label": label, onchange: (event) => { holder.notes = event.target.value; keep(); } });
}

function basketItem(category, pin, at) {
  const { pins } = desk.choices[category.index];
  const { comment } = pin;
  const quote = quoteOf(category, pin);
  const move = (to) => {
    if (!movePin(category, at, to)) return;
    render();
    focusPin(category, pin);
    say(`${to + 1} 番目に移しました`);
  };
  const item = h("li", {
    class: "pin-item", tabindex: "0", "data-key": `${category.index}/${comment.index}`, "aria-label": `${at + 1} 番目。Alt と上下の矢印で並べかえ`,
    onkeydown: (event) => {
      if (event.target !== item || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
      event.preventDefault();
      move(event.key === "ArrowUp" ? at - 1 : at + 1);
    },
    ondragover: (event) => { if (dragged?.category === category) { event.preventDefault(); item.classList.add("over"); } },
    ondragleave: () => item.classList.remove("over"),
    ondrop: (event) => {
      event.preventDefault();
      if (dragged?.category === category && movePin(category, dragged.at, at)) render();
    },
  });
  const text = h("blockquote", { class: "text", dir: "auto" }, quoteText(pin));
  const body = h("div", { class: "pin-body" }, text);
  item.append(
    h("span", { class: "handle", draggable: "true", title: "引いて並べかえ", "aria-hidden": "true",
      ondragstart: (event) => { dragged = { category, at }; event.dataTransfer.setData("text/plain", quoteText(pin)); event.dataTransfer.setDragImage(item, 20, 20); },
      ondragend: () => { dragged = null; } }, "⠿"),
    h("div", { class: "pin-main" },
      h("div", { class: "origin" }, origin(comment), h("span", null, `${number(charsIn(quoteText(pin)))} 字`),
        isWhole(comment.text, pin.parts) ? null : h("span", null, "抜粋"),
        quote?.places.length > 1 && h("span", null, `同様の回答 ${number(quote.similar)} 件（${quote.places.join("・")}）`)),
      body,
      quote?.flags.length > 0 && h("p", { class: "flags" }, `個人が分かるおそれ: ${quote.flags.join("・")}`),
      notesField("この引用のメモ", pin)),
    h("div", { class: "pin-tools" },
      h("button", { class: "quiet", "aria-label": "上へ", disabled: at === 0, onclick: () => move(at - 1) }, "↑"),
      h("button", { class: "quiet", "aria-label": "下へ", disabled: at === pins.length - 1, onclick: () => move(at + 1) }, "↓"),
      h("button", { class: "quiet", onclick: () => cutAgain(pin, body) }, "切り直す"),
      h("button", { class: "quiet", onclick: () => { togglePin(comment, category); render(); } }, "外す")));
  return item;
}

function focusPin(category, { comment }) {
  document.querySelector(`[data-key="${category.index}/${comment.index}"]`)?.focus();
}

// The whole answer with the excerpt marked; what is selected becomes the excerpt.
function cutAgain(pin, body) {
  const { comment } = pin;
  const text = textWith(comment.text, [{ name: "excerpt", spans: pin.parts }]);
  const take = (change) => () => {
    const selected = selectedPart(text);
    if (!selected) { say("引用する所を、マウスでなぞって選んでください"); return; }
    pin.parts = change(selected);
    keep();
    render();
  };
  fill(body, text, h("div", { class: "row" },
    h("button", { onclick: take((part) => [part]) }, "選んだ所だけにする"),
    h("button", { onclick: take((part) => merged([...pin.parts, part])) }, "選んだ所を加える"),
    h("button", { onclick: () => { pin.parts = [[0, comment.text.length]]; keep(); render(); } }, "全文にする"),
    h("button", { class: "quiet", onclick: render }, "やめる")));
}

// Answers left out, and entries that fit nothing.
function leftOut() {
  const bans = categories.flatMap((category) => desk.choices[category.index].bans.map((ban) => ({ category, ...ban })));
  return [
    bans.length > 0 && h("details", { class: "left-out" }, h("summary", null, `除外した回答 ${number(bans.length)} 件`),
      h("ul", null, bans.map(({ category, comment }) => h("li", null, h("b", null, category.name), " ", h("bdi", null, comment.text.slice(0, 80)), " ",
        h("button", { class: "quiet", onclick: () => { toggleBan(comment, category); render(); } }, "戻す"))))),
    desk.stale.length > 0 && h("details", { class: "left-out", open: true }, h("summary", null, `今の回答に見つからないもの ${number(desk.stale.length)} 件`),
      h("p", { class: "note" }, "消さずに、保存するときにもそのまま残します。"),
      h("ul", null, desk.stale.map(([category, kind, entry, why]) => h("li", null, `${category}: ${entry.id}${entry.question ? `（${entry.question}）` : ""} の${kind === "pins" ? "採用" : "除外"} — ${why}`)))),
  ];
}

// What is printed, and copied to Word.
function printTables() {
  return h("div", { class: "print-only", "aria-hidden": "true" }, h("h1", null, data.title), tables().map(({ heading, statement, header, rows }) =>
    h("section", null, heading ? [h("h2", null, heading), h("p", { class: "note" }, statement)] : null,
      h("table", { class: "printed" }, h("thead", null, h("tr", null, header.map((name, at) => h("th", { "--share": widths(header)[at] }, name)))),
        h("tbody", null, rows.map((row) => h("tr", null, row.map((text, at) => h("td", { class: header[at] === "事例" ? "case" : "", dir: "auto" }, text)))))))));
}
