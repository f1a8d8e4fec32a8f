// 読む: the quotes of a category, then every answer that passes the filter.

// Cards made at a time; more as the end comes near.
const PAGE = 60;

let cards = [];
let current = null;
let showMore = () => false;
const nearEnd = new IntersectionObserver((entries) => { if (entries.some(({ isIntersecting }) => isIntersecting)) showMore(); }, { rootMargin: "1200px" });

const refreshCards = () => cards.forEach((card) => card.refresh());

function setCurrent(card) {
  if (current === card) return;
  current?.element.classList.remove("current");
  current = card;
  card?.element.classList.add("current");
}

function focusCard(card) {
  if (!card) return;
  card.element.focus({ preventScroll: true });
  setCurrent(card);
  const { top, bottom } = card.element.getBoundingClientRect();
  const above = byId("top").getBoundingClientRect().bottom + 12;
  if (top < above || bottom > innerHeight - 12) scrollTo({ top: scrollY + top - above - 8 });
}

// The next card, or the one before.
function step(by) {
  let at = current ? cards.indexOf(current) + by : by > 0 ? 0 : -1;
  if (at >= cards.length && !showMore()) at = cards.length - 1;
  focusCard(cards[Math.max(0, at)]);
}

function renderReading(found) {
  nearEnd.disconnect();
  cards = [];
  current = null;
  const category = activeCategory();
  const list = h("div", { class: "cards" });
  const end = h("div", { class: "end" });
  let shown = 0;
  showMore = () => {
    if (shown >= found.list.length) return false;
    const more = found.list.slice(shown, shown + PAGE).map((comment) => makeCard(comment, null, found.words));
    shown += more.length;
    cards.push(...more);
    list.append(...more.map(({ element }) => element));
    end.textContent = shown < found.list.length ? `${number(shown)} ／ ${number(found.list.length)} 件` : "";
    return true;
  };
  const isShown = new Set(category && quotes[category.index].length > 0 ? found.list : []);
  const best = category ? quotes[category.index].filter(({ comment }) => isShown.has(comment)) : [];
  const quoteCards = best.map((quote) => makeCard(quote.comment, quote, found.words));
  cards.push(...quoteCards);
  showMore();
  const takeAll = () => {
    best.filter(({ comment }) => !isPinned(comment, category) && !isBanned(comment, category))
      .forEach(({ comment, parts }) => togglePin(comment, category, parts));
    refreshCards();
  };
  fill(byId("main"),
    heading(category, found),
    chips(),
    best.length > 0 && h("section", { class: "best" },
      h("div", { class: "row" }, h("h2", null, "代表引用"), h("button", { class: "quiet", onclick: takeAll }, `${best.length} 件とも採用`)),
      quoteCards.map(({ element }) => element)),
    h("section", { "aria-label": "回答" },
      h("h2", null, best.length > 0 ? "すべての回答 " : "回答 ", h("small", { role: "status" }, `${number(found.list.length)} 件`)),
      found.list.length === 0 ? h("p", { class: "empty" }, "当てはまる回答がありません。", isFiltered() && h("a", { href: linkTo(NO_FILTER) }, "絞り込みを外す")) : null,
      list, end));
  nearEnd.observe(end);
}

function heading(category, found) {
  if (!category) {
    const title = { untagged: "カテゴリのない回答", nothing: "特になし" }[state.status] ?? "回答を読む";
    return h("div", { class: "lead" }, h("h1", null, title));
  }
  const base = found.base.length;
  const part = found.perCategory[category.index];
  const statement = state.q === "" && Object.keys(state.dims).length === 0
    ? `${countStatement(category)}、回答者 ${number(category.respondents)} 人`
    : `絞り込んだ回答あり ${number(base)} 件のうち ${number(part)} 件（${percent(part, base)}）`;
  return h("div", { class: "lead" }, h("p", { class: "over" }, category.group), h("h1", null, category.name),
    category.desc ? h("p", { class: "desc" }, category.desc) : null, h("p", { class: "statement" }, statement));
}

// The filters in force, each to be taken off.
function chips() {
  const chip = (label, change, kind) => h("a", { class: `chip ${kind ?? ""}`, href: linkTo(change), "aria-label": `${label} を外す` }, label, h("span", { "aria-hidden": "true" }, " ×"));
  const without = (list, id) => list.filter((other) => other !== id);
  const all = [
    ...state.cats.map((id, at) => chip(`${at > 0 ? (state.either ? "または " : "かつ ") : ""}${categoryById.get(id).name}`, { cats: without(state.cats, id) })),
    ...state.nots.map((id) => chip(`除く ${categoryById.get(id).name}`, { nots: without(state.nots, id) }, "not")),
    ...Object.entries(state.dims).flatMap(([name, values]) => values.map((value) => chip(`${name}: ${value || "（空欄）"}`, { dims: withValue(name, value) }))),
    state.status !== "" && chip({ untagged: "カテゴリなし", nothing: "特になし" }[state.status], { status: "" }),
    state.q !== "" && chip(`「${state.q}」`, { q: "" }),
  ].filter(Boolean);
  if (all.length === 0) return null;
  return h("div", { class: "chips", role: "group", "aria-label": "絞り込み中" }, all,
    state.cats.length > 1 && h("button", { class: "quiet", onclick: () => go({ either: !state.either }) }, state.either ? "すべてを含む回答にする" : "どれかを含む回答にする"),
    all.length > 1 && h("a", { class: "chip clear", href: linkTo(NO_FILTER) }, "すべて外す"));
}
