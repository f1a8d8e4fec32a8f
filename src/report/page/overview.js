// 概観: how many, how often, where, and what together. Every figure leads to the answers behind it, and every share
// says of what.

// Categories shown in the matrix of what occurs together: a larger one can't be read.
const MOST_TOGETHER = 16;
// Of fewer answers than this a share says little.
const FEW = 10;

function renderOverview(found) {
  const base = found.base.length;
  const tagged = found.base.filter(({ tags }) => tags.length > 0).length;
  const counts = categories.map((category) => ({ category, count: found.perCategory[category.index] }));
  fill(byId("main"),
    h("h1", null, data.title),
    chips(),
    tiles(base, tagged),
    frequencies(counts, base),
    places(found),
    together(found, counts),
    about());
}

function tiles(base, tagged) {
  const isPart = state.q !== "" || Object.keys(state.dims).length > 0;
  const tile = (label, value, note, change) =>
    h("a", { class: "tile", href: linkTo({ view: "read", cats: [], nots: [], status: "", ...change }) },
      h("span", { class: "tile-label" }, label), h("b", null, value), h("small", null, note));
  const people = isPart ? "" : `回答者 ${number(total.answered.respondents)} 人`;
  return h("section", { "aria-label": "件数" },
    h("div", { class: "tiles" },
      tile(isPart ? "回答あり（絞り込み中）" : "回答あり", `${number(base)} 件`, people, {}),
      tile("カテゴリあり", percent(tagged, base), `${number(tagged)} 件／回答あり ${number(base)} 件`, {}),
      tile("カテゴリなし", percent(base - tagged, base), `${number(base - tagged)} 件`, { status: "untagged" }),
      isPart ? null : tile("特になし", `${number(total.nothing.count)} 件`, total.empty.count > 0 ? `空欄 ${number(total.empty.count)} 件は表示しません` : "空欄なし", { status: "nothing" })),
    h("p", { class: "account" },
      `記述 ${number(total.all.count)} 件 ＝ 回答あり ${number(total.answered.count)} ＋ 特になし ${number(total.nothing.count)} ＋ 空欄 ${number(total.empty.count)}`));
}

function groupsOf(counts) {
  const groups = new Map();
  for (const one of counts) {
    const group = one.category.group || "その他";
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push(one);
  }
  return groups;
}

function frequencies(counts, base) {
  const most = Math.max(1, ...counts.map(({ count }) => count));
  const bar = ({ category, count }) =>
    h("li", null, h("a", { class: count === 0 ? "bar none" : "bar", href: linkTo({ view: "read", cats: [category.id], nots: [], status: "" }), title: category.desc },
      h("span", { class: "bar-name" }, category.name),
      h("span", { class: "bar-track", "aria-hidden": "true" }, h("span", { class: "bar-fill", "--share": count / most })),
      h("span", { class: "bar-count" }, `${number(count)} 件`), h("span", { class: "bar-percent" }, percent(count, base))));
  return h("section", null, h("h2", null, "カテゴリの件数"),
    h("p", { class: "note" }, `割合は回答あり ${number(base)} 件に対するもの。1 つの回答に複数のカテゴリが付くので、足しても 100 % になりません。`),
    h("div", { class: "groups" }, [...groupsOf(counts)].map(([group, members]) =>
      h("div", { class: "group" }, h("h3", null, group),
        h("ul", { class: "bars" }, [...members].sort((a, b) => b.count - a.count).map(bar))))));
}

// Categories by the values of one dimension.
function places(found) {
  const useful = dimensions.filter(({ isListed, isUseful }) => isListed && isUseful);
  if (useful.length === 0) return null;
  const usual = useful.find(isKind) ?? useful.find(isPlace) ?? useful[0];
  const dimension = useful.find(({ name }) => name === state.by) ?? usual;
  const wholes = new Uint32Array(dimension.values.length);
  const cells = categories.map(() => new Uint32Array(dimension.values.length));
  for (const comment of found.base) {
    const value = comment.values[dimension.index];
    wholes[value] += 1;
    for (const { category } of comment.tags) cells[category][value] += 1;
  }
  const columns = [...dimension.values.keys()].filter((value) => wholes[value] > 0);
  if (isWave(dimension)) columns.sort((a, b) => dimension.values[a].localeCompare(dimension.values[b], "ja", { numeric: true }));
  else if (dimension.index > 0) columns.sort((a, b) => wholes[b] - wholes[a]);
  const rows = categories.filter(({ index }) => found.perCategory[index] > 0);
  // The darkest shade is for the largest share that isn't one of a few answers.
  const shares = rows.flatMap(({ index }) => columns.filter((value) => wholes[value] >= FEW).map((value) => cells[index][value] / wholes[value]));
  const most = Math.max(0.1, ...shares);
  const picker = h("select", { id: "by", onchange: (event) => adjust({ by: event.target.value }) },
    useful.map(({ name }) => h("option", { value: name, selected: name === dimension.name }, name)));
  const link = (category, value) => linkTo({ view: "read", cats: [category.id], nots: [], status: "", dims: { ...state.dims, [dimension.name]: [dimension.values[value]] } });
  const cell = (category, value) => {
    const count = cells[category.index][value];
    if (count === 0) return h("td", { class: "zero" }, "0");
    const share = count / wholes[value];
    return h("td", { "--share": Math.min(1, share / most) }, h("a", { href: link(category, value) },
      number(count), h("small", null, percent(count, wholes[value]))));
  };
  return h("section", null, h("h2", null, "カテゴリ × ", h("label", { for: "by", class: "visually-hidden" }, "分ける列"), picker),
    h("p", { class: "note" }, `上段は件数、下段は「${dimension.name}」がその値の回答あり（見出しの n）に対する割合。`),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `カテゴリと${dimension.name}の表` },
      h("table", { class: "heat" },
        h("thead", null, h("tr", null, h("th", { scope: "col" }, "カテゴリ"),
          columns.map((value) => h("th", { scope: "col" }, dimension.values[value] || "（空欄）", h("small", null, `n=${number(wholes[value])}`))))),
        h("tbody", null, rows.map((category) => h("tr", null, h("th", { scope: "row" }, category.name), columns.map((value) => cell(category, value))))))));
}

// Columns of a table on A4.
const PRINTED_COLUMNS = 16;

// A table that is too wide for paper, in parts of some columns each, every part with the first column.
function inParts(table) {
  const columns = table.rows[0].cells.length - 1;
  const parts = Math.ceil(columns / PRINTED_COLUMNS);
  const size = Math.ceil(columns / parts);
  return [...Array(parts).keys()].map((part) => {
    const own = table.cloneNode(true);
    for (const row of own.rows) {
      [...row.cells].forEach((cell, at) => { if (at > 0 && Math.floor((at - 1) / size) !== part) cell.remove(); });
    }
    return h("div", { class: "part" }, parts > 1 && h("p", { class: "note" }, `${part + 1} ／ ${parts}`), own);
  });
}

addEventListener("beforeprint", () => {
  for (const table of document.querySelectorAll(".scroll > .heat:not(.together)")) {
    if (table.rows[0].cells.length - 1 <= PRINTED_COLUMNS) continue;
    table.parentElement.classList.add("in-parts");
    table.parentElement.after(h("div", { class: "print-only parts" }, inParts(table)));
  }
});
addEventListener("afterprint", () => {
  document.querySelectorAll(".parts").forEach((parts) => parts.remove());
  document.querySelectorAll(".in-parts").forEach((scroll) => scroll.classList.remove("in-parts"));
});

function together(found, counts) {
  const shown = counts.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count).slice(0, MOST_TOGETHER)
    .map(({ category }) => category);
  if (shown.length < 2) return null;
  const place = new Map(shown.map(({ index }, at) => [index, at]));
  const both = shown.map(() => new Uint32Array(shown.length));
  for (const { tags } of found.base) {
    const here = tags.map(({ category }) => place.get(category)).filter((at) => at !== undefined);
    for (const a of here) for (const b of here) if (a !== b) both[a][b] += 1;
  }
  const cell = (row, column) => {
    const [a, b] = [shown[row], shown[column]];
    if (row === column) return h("td", { class: "self", "aria-label": "同じカテゴリ" }, "—");
    const count = both[row][column];
    if (count === 0) return h("td", { class: "zero" }, "0");
    const share = count / found.perCategory[a.index];
    return h("td", { "--share": Math.min(1, share / 0.5) }, h("a", {
      href: linkTo({ view: "read", cats: [a.id, b.id], nots: [], either: false, status: "" }) }, number(count), h("small", null, percent(count, found.perCategory[a.index]))));
  };
  return h("section", null, h("h2", null, "一緒に出てくるカテゴリ"),
    h("p", { class: "note" }, `件数の多い ${shown.length} 個。割合は行のカテゴリ（n）の回答に対するもの。`),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "一緒に出てくるカテゴリの表" },
      h("table", { class: "heat together" },
        h("thead", null, h("tr", null, h("th", { scope: "col" }, "カテゴリ"), shown.map(({ name }) => h("th", { scope: "col" }, h("span", null, name))))),
        h("tbody", null, shown.map((category, row) => h("tr", null,
          h("th", { scope: "row" }, category.name, h("small", null, ` n=${number(found.perCategory[category.index])}`)),
          shown.map((_, column) => cell(row, column))))))));
}

function about() {
  const { program, rules, inputs, lindera, dictionary } = data.run;
  const fact = (name, value) => [h("dt", null, name), h("dd", null, value)];
  return h("section", { class: "about" }, h("h2", null, "この集計について"),
    h("dl", null,
      fact("入力", inputs.map(({ path, sha256 }) => `${path}（SHA-256 ${sha256.slice(0, 12)}…）`).join("、")),
      fact("ルール", `${rules.source}、${rules.categories} カテゴリ、${rules.rules} ルール（SHA-256 ${rules.sha256.slice(0, 12)}…）`),
      fact("プログラム", `${program.name} ${program.version}、lindera ${lindera.version}、${dictionary.name}`)));
}
