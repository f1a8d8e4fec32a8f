// The frame around the views, and the start.

function renderTop() {
  const tab = (view, note) => h("a", { href: linkTo({ view }), class: "tab", "aria-current": state.view === view ? "page" : null }, VIEWS[view], note);
  let bar = byId("top");
  if (!byId("search")) {
    let timer = 0;
    const search = h("input", { id: "search", type: "search", placeholder: "文を検索", "aria-label": "回答の文を検索", "aria-keyshortcuts": "/", autocomplete: "off", spellcheck: "false" });
    search.addEventListener("input", (event) => {
      if (event.isComposing) return;
      clearTimeout(timer);
      timer = setTimeout(find, 80);
    });
    search.addEventListener("compositionend", () => find());
    search.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.isComposing) { find(); step(1); } });
    const find = () => {
      clearTimeout(timer);
      if (search.value !== state.q) adjust({ q: search.value, view: state.view === "basket" ? "read" : state.view });
    };
    bar.append(
      h("span", { class: "brand", title: data.title }, data.title), h("nav", { class: "tabs", id: "tabs", "aria-label": "画面" }),
      h("div", { class: "searching" }, search),
      h("button", { class: "quiet only-narrow", "aria-controls": "side", onclick: () => byId("side").classList.toggle("open") }, "絞り込み"),
      h("button", { class: "quiet", id: "theme", onclick: nextTheme }),
      h("button", { class: "quiet", "aria-label": "キーボードの説明", "aria-keyshortcuts": "?", onclick: openHelp }, "?"));
    showTheme();
  }
  fill(byId("tabs"), tab("overview"), tab("read"), tab("basket", pinCount() > 0 && h("span", { class: "badge" }, number(pinCount()))));
  if (document.activeElement !== byId("search")) byId("search").value = state.q;
}

function renderSide(found) {
  const side = byId("side");
  const { scrollTop } = side;
  const most = Math.max(1, ...found.perCategory);
  const row = ({ category, count }) => {
    const { id, name } = category;
    const [isOn, isOff] = [state.cats.includes(id), state.nots.includes(id)];
    const without = (list) => list.filter((other) => other !== id);
    const taken = desk.choices[category.index].pins.length;
    return h("li", { class: `facet ${isOn ? "on" : ""} ${isOff ? "off" : ""} ${count === 0 ? "none" : ""}` },
      h("a", { class: "facet-name", href: linkTo({ view: "read", cats: isOn && state.cats.length === 1 ? [] : [id], nots: [], status: "" }), title: category.desc, "aria-current": isOn ? "true" : null },
        h("span", null, name), taken > 0 && h("span", { class: "badge", title: "採用した数" }, number(taken)), h("span", { class: "count" }, number(count)),
        h("span", { class: "facet-bar", "aria-hidden": "true", "--share": count / most })),
      h("a", { class: "more", href: linkTo({ view: "read", cats: isOn ? without(state.cats) : [...state.cats, id], nots: without(state.nots), status: "" }), "aria-label": isOn ? `${name} の条件を外す` : `${name} も条件に加える`, title: isOn ? "外す" : "条件に加える" }, isOn ? "×" : "＋"),
      h("a", { class: "more", href: linkTo({ view: "read", nots: isOff ? without(state.nots) : [...state.nots, id], cats: without(state.cats) }), "aria-label": isOff ? `${name} を除くのをやめる` : `${name} を除く`, title: isOff ? "除くのをやめる" : "除く" }, isOff ? "×" : "−"));
  };
  const counts = categories.map((category) => ({ category, count: found.perCategory[category.index] }));
  const untagged = found.base.filter(({ tags }) => tags.length === 0).length;
  const plain = (label, count, change, isOn) => h("li", { class: `facet ${isOn ? "on" : ""}` },
    h("a", { class: "facet-name", href: linkTo({ view: "read", cats: [], nots: [], status: "", ...change }), "aria-current": isOn ? "true" : null }, h("span", null, label), h("span", { class: "count" }, number(count))));
  fill(side,
    h("ul", null,
      plain("すべての回答", found.base.length, {}, state.view === "read" && state.cats.length + state.nots.length === 0 && state.status === ""),
      plain("カテゴリなし", untagged, { status: "untagged" }, state.status === "untagged")),
    ...[...groupsOf(counts)].map(([group, members]) => h("section", null, h("h2", null, group), h("ul", null, members.map(row)))),
    ...dimensions.filter(({ isUseful }) => isUseful).map((dimension) => (dimension.isListed ? listedFacet(dimension, found.perValue[dimension.index]) : searchedFacet(dimension))));
  side.scrollTop = scrollTop;
}

const openFacets = new Set();
function facet(dimension, ...content) {
  const { name } = dimension;
  return h("details", { class: "values", open: openFacets.has(name) || Boolean(state.dims[name]),
    ontoggle: (event) => { if (event.target.open) openFacets.add(name); else openFacets.delete(name); } },
    h("summary", null, name), content);
}

function listedFacet(dimension, counts) {
  const { name, values } = dimension;
  const shown = values.map((value, at) => ({ value, count: counts[at] })).filter(({ value, count }) => count > 0 || state.dims[name]?.includes(value));
  return facet(dimension, h("ul", null, shown.map(({ value, count }) => h("li", null, h("label", null,
    h("input", { type: "checkbox", checked: Boolean(state.dims[name]?.includes(value)), "data-facet": `${name}=${value}`,
      onchange: () => { go({ dims: withValue(name, value) }); } }),
    h("span", null, value || "（空欄）"), h("span", { class: "count" }, number(count)))))));
}

function searchedFacet(dimension) {
  const { name, values } = dimension;
  return facet(dimension, h("input", { type: "search", value: state.dims[name]?.[0] ?? "", placeholder: `${number(values.length)} 通り。含む文字`, "aria-label": `${name} に含む文字`,
    onchange: (event) => {
      const dims = { ...state.dims, [name]: [event.target.value.trim()] };
      if (dims[name][0] === "") delete dims[name];
      go({ dims });
    } }));
}

const THEMES = { "": "自動", light: "明", dark: "暗" };
function theme() {
  try { return localStorage.getItem("jirei/theme") ?? ""; } catch { return document.documentElement.dataset.theme ?? ""; }
}
function nextTheme() {
  const names = Object.keys(THEMES);
  const next = names[(names.indexOf(document.documentElement.dataset.theme ?? "") + 1) % names.length];
  try { localStorage.setItem("jirei/theme", next); } catch { /* for this visit only */ }
  showTheme(next);
}
function showTheme(name = theme()) {
  if (Object.hasOwn(THEMES, name) && name !== "") document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
  fill(byId("theme"), h("span", null, "配色: "), THEMES[name] ?? THEMES[""]);
}

function render() {
  const focused = document.activeElement?.dataset?.facet;
  const found = runFilter();
  renderTop();
  renderSide(found);
  document.body.dataset.view = state.view;
  if (state.view === "overview") renderOverview(found);
  else if (state.view === "basket") renderBasket();
  else renderReading(found);
  if (focused) [...document.querySelectorAll("[data-facet]")].find((box) => box.dataset.facet === focused)?.focus();
}

addEventListener("hashchange", () => {
  const before = state;
  state = readAddress(location.hash);
  byId("side").classList.remove("open");
  render();
  if (before.view !== state.view || before.cats.join() !== state.cats.join()) scrollTo(0, 0);
});
// Another window of the same page has changed what is kept.
addEventListener("storage", (event) => { if (event.key === KEY) { restore(); render(); } });
// Paper has no scrolling: what is read is printed up to a limit.
addEventListener("beforeprint", () => { while (state.view === "read" && cards.length < 600 && showMore()); });

restore();
render();
