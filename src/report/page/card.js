// An answer on a card: its words with what matters marked, where it comes from, and what can be done with it.

// A longer answer is folded, in characters: about six lines.
const FOLDED_CHARS = 280;

// The category a key or button is about: the one read about, or else the answer's only one.
function categoryFor(comment) {
  const active = activeCategory();
  if (active) return active;
  return comment.tags.length === 1 ? categories[comment.tags[0].category] : null;
}

// What is marked in an answer: evidence, and what was searched.
function layersFor(comment, words) {
  const shown = state.cats.map((id) => categoryById.get(id).index);
  return [
    ...comment.tags.map(({ category, spans }) => ({ name: shown.length === 0 || shown.includes(category) ? "evidence" : "other", spans })),
    { name: "hit", spans: hits(comment.text, words) },
  ];
}

function textWith(text, layers, names = "text") {
  return h("p", { class: names, dir: "auto" }, cut(text, layers).map(([part, marks]) =>
    (marks.length === 0 ? part : h("mark", { class: marks.join(" ") }, part))));
}

// A piece of an answer keeps its marks: spans moved and clipped to it.
function clipped(layers, [from, to]) {
  return layers.map(({ name, spans }) => ({ name, spans: spans
    .filter(([start, end]) => start < to && from < end).map(([start, end]) => [Math.max(start, from) - from, Math.min(end, to) - from]) }));
}

function origin(comment) {
  const told = dimensions.filter(({ index, isListed, isUseful }) => index > 0 && isListed && isUseful).map((dimension) => valueOf(comment, dimension)).filter(Boolean);
  return [h("span", { class: "number" }, comment.id), h("span", null, comment.question),
    told.slice(0, 6).map((value) => h("span", null, value))];
}

// The part of an answer that is selected with the mouse, in UTF-16 units; null if nothing of it is.
function selectedPart(element) {
  const selection = getSelection();
  if (!element || selection.rangeCount === 0 || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!element.contains(range.startContainer) || !element.contains(range.endContainer)) return null;
  const before = document.createRange();
  before.selectNodeContents(element);
  before.setEnd(range.startContainer, range.startOffset);
  const from = before.toString().length;
  const length = range.toString().length;
  return length > 0 ? [from, from + length] : null;
}

// `quote` where the card shows a representative quote, else null.
function makeCard(comment, quote, words) {
  const layers = layersFor(comment, words);
  let isOpen = false;
  const body = h("div", { class: "body" });
  const foot = h("div", { class: "actions" });
  const element = h("article", { class: quote ? "card quote" : "card", tabindex: "-1" });
  const card = { comment, quote, element, act, refresh };

  function drawText() {
    const shown = quote && !isOpen ? quote.parts : [[0, comment.text.length]];
    const isLong = !quote && charsIn(comment.text) > FOLDED_CHARS;
    const pieces = isOpen && quote ? [...layers, { name: "excerpt", spans: quote.parts }] : layers;
    const texts = shown.map((part) => textWith(comment.text.slice(...part), clipped(pieces, part)));
    const { before, after } = ellipses(comment.text, shown);
    texts.forEach((text, at) => text.prepend(before[at]));
    texts[texts.length - 1].append(after);
    fill(body, texts);
    body.classList.toggle("folded", isLong && !isOpen);
    const canOpen = isLong || (quote && !isWhole(comment.text, quote.parts));
    if (canOpen) {
      body.append(h("button", { class: "unfold", "aria-expanded": String(isOpen), onclick: () => act("open") }, isOpen ? "たたむ" : "全文"));
    }
  }

  function refresh() {
    const category = categoryFor(comment);
    const [pinned, banned] = [isPinned(comment, category), isBanned(comment, category)];
    const correction = desk.corrections.get(comment.index);
    element.classList.toggle("pinned", pinned);
    element.classList.toggle("banned", banned);
    const button = (name, label, key, isPressed) => h("button", {
      class: name, "aria-pressed": isPressed === undefined ? null : String(isPressed), "aria-keyshortcuts": key, title: `${label}（${key}）`,
      onclick: () => act(name),
    }, label);
    fill(foot,
      h("span", { class: "tags" }, comment.tags.map(({ category }) =>
        h("a", { class: "tag", href: linkTo({ view: "read", cats: [categories[category].id], nots: [] }) }, categories[category].name)),
        comment.tags.length === 0 && comment.answered ? h("span", { class: "tag none" }, "カテゴリなし") : null,
        correction ? h("span", { class: "tag corrected" }, correction.length === 0 ? "訂正: なし" : `訂正: ${correction.map((id) => categoryById.get(id).name).join("・")}`) : null),
      h("span", { class: "buttons" },
        button("pin", pinned ? "採用中" : "採用", "a", pinned), button("ban", banned ? "除外中" : "除外", "x", banned),
        button("copy", "コピー", "c"), button("correct", "訂正", "e")));
  }

  function act(name) {
    if (name === "open") { isOpen = !isOpen; drawText(); return; }
    if (name === "correct") { openCorrection(comment); return; }
    if (name === "copy") {
      const told = printing.columns.map((column) => dimensions.find(({ name }) => name === column)).filter(Boolean).map((column) => valueOf(comment, column)).filter(Boolean);
      const text = printed(comment.text, quote ? quote.parts : [[0, comment.text.length]]);
      if (copy(told.length > 0 ? `${text}（${told.join("・")}）` : text)) say("コピーしました");
      return;
    }
    const selected = quote && !isOpen ? null : selectedPart(body.querySelector(".text"));
    const parts = name === "pin" ? (selected ? [selected] : null) : null;
    pickCategory(comment, name === "pin" ? "どのカテゴリの引用にしますか" : "どのカテゴリから除外しますか", (category) => {
      if (name === "pin") togglePin(comment, category, parts ?? (quote && !isPinned(comment, category) ? quote.parts : null));
      else toggleBan(comment, category);
      refreshCards();
    });
  }

  drawText();
  refresh();
  fill(element,
    h("div", { class: "origin" }, quote ? h("span", { class: "rank", title: "代表引用の順位" }, `代表 ${quote.rank}`) : null, origin(comment)),
    body, quote ? h("p", { class: "reason" }, quote.reason) : null,
    quote && quote.flags.length > 0 && h("p", { class: "flags" }, `個人が分かるおそれ: ${quote.flags.join("・")}`),
    quote && quote.similar > 0 && similarAnswers(quote), foot);
  element.addEventListener("focusin", () => setCurrent(card));
  element.setAttribute("aria-label", `${comment.question} ${comment.id}`);
  return card;
}

// The answers that say nearly the same, for which the quote stands; made when unfolded.
function similarAnswers({ comment, similar, others, places }) {
  const category = activeCategory();
  const list = h("ul", null);
  const unfold = (event) => {
    if (!event.target.open || list.firstChild) return;
    const found = others.flatMap((id) => commentsOf(id).filter((other) => other !== comment && tagOf(other, category)));
    fill(list, found.map((other) => h("li", null, h("div", { class: "origin" }, origin(other)), h("p", { class: "text", dir: "auto" }, other.text))));
  };
  return h("details", { class: "similar", ontoggle: unfold },
    h("summary", null, `ほぼ同じ回答がほかに ${number(similar)} 件${places.length > 1 ? `（${places.join("・")}）` : ""}`), list);
}

// Calls `then` with the category meant; asks where several are possible.
function pickCategory(comment, question, then) {
  const known = categoryFor(comment);
  if (known) { then(known); return; }
  const own = comment.tags.map(({ category }) => categories[category]);
  const choices = own.length > 0 ? own : categories;
  const dialog = openDialog(question, h("div", { class: "choices" }, choices.map((category) =>
    h("button", { onclick: () => { dialog.close(); then(category); } }, category.name))));
}
