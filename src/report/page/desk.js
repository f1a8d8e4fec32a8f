// What the editor has decided: quotes taken and left out, per category, and corrections. Kept by the browser, and
// read from and written to selection.json as docs/output.md specifies it.

const SELECTION = "jirei-selection/1";
const KEY = `jirei/${data.store}`;

const desk = {
  notes: "",
  // By category index: pins in order, and bans. An entry: { comment, parts, notes }.
  choices: categories.map(() => ({ pins: [], bans: [], notes: "" })),
  // Entries of a loaded selection that fit nothing here, kept for saving: [category, "pins" or "bans", entry, why].
  stale: [],
  // Notes of categories that the rules don't have.
  strange: new Map(),
  // By comment index: ids of categories, as the editor says they are.
  corrections: new Map(),
};

function findComment(entry, category) {
  let found = commentsOf(entry.id);
  found = found.filter(({ question, answered }) => (entry.question === undefined ? answered : question === entry.question));
  if (found.length === 0) return [null, "この回答はありません"];
  found = found.filter(({ hash }) => entry.hash === undefined || hash === entry.hash);
  if (found.length === 0) return [null, "回答の文が変わっています"];
  return [found.find((comment) => tagOf(comment, category)) ?? found[0], ""];
}

// The cut that the program makes: that of its quote, or else the whole answer.
function usualParts(comment, category) {
  const quote = quotes[category.index].find((quote) => quote.comment === comment);
  return quote ? quote.parts : [[0, comment.text.length]];
}

function takeSelection(selection) {
  if (selection?.schema !== SELECTION || !Array.isArray(selection.categories)) {
    throw new Error(`jirei の選択のファイル（${SELECTION}）ではありません`);
  }
  desk.notes = selection.notes ?? "";
  desk.choices = categories.map(() => ({ pins: [], bans: [], notes: "" }));
  desk.stale = [];
  desk.strange = new Map();
  for (const choice of selection.categories) {
    const category = categoryById.get(choice.category) ?? categories.find(({ name }) => name === choice.category);
    if (category) desk.choices[category.index].notes = choice.notes ?? "";
    else desk.strange.set(choice.category, choice.notes ?? "");
    for (const kind of ["pins", "bans"]) {
      for (const entry of choice[kind] ?? []) {
        const [comment, why] = category ? findComment(entry, category) : [null, "このカテゴリはありません"];
        const bounds = (entry.ranges ?? []).map((range) => comment && range.map((chars) => toUnits(comment.text, chars)));
        if (!comment || bounds.flat().includes(null)) {
          desk.stale.push([choice.category, kind, entry, why || "引用の範囲が文の外に出ています"]);
          continue;
        }
        const entries = desk.choices[category.index][kind];
        if (entries.some((other) => other.comment === comment)) continue;
        const parts = bounds.length > 0 ? bounds : usualParts(comment, category);
        entries.push({ comment, parts, notes: entry.notes ?? "" });
      }
    }
  }
}

function toSelection() {
  const entry = (kind) => ({ comment, parts, notes }) => ({
    id: comment.id, question: comment.question, hash: comment.hash,
    ...(kind === "pins" ? { ranges: parts.map((part) => part.map((unit) => toChars(comment.text, unit))) } : {}),
    ...(notes ? { notes } : {}),
  });
  const made = [];
  const add = (name, own, notes) => {
    const stale = (kind) => desk.stale.filter(([category, its]) => its === kind && (category === name || categoryById.get(name)?.name === category))
      .map(([, , entry]) => entry);
    const pins = [...own.pins.map(entry("pins")), ...stale("pins")];
    const bans = [...own.bans.map(entry("bans")), ...stale("bans")];
    if (pins.length + bans.length > 0 || notes) made.push({ category: name, pins, bans, ...(notes ? { notes } : {}) });
  };
  categories.forEach(({ id, index }) => add(id, desk.choices[index], desk.choices[index].notes));
  desk.strange.forEach((notes, name) => add(name, { pins: [], bans: [] }, notes));
  return { schema: SELECTION, ...(desk.notes ? { notes: desk.notes } : {}), categories: made };
}

let cannotKeep = false;
// After every change: into the browser's store.
function keep() {
  const corrections = [...desk.corrections].map(([index, labels]) => {
    const { id, question, hash } = comments[index];
    return { id, question, hash, labels };
  });
  try {
    localStorage.setItem(KEY, JSON.stringify({ selection: toSelection(), corrections }));
  } catch {
    if (!cannotKeep) say("このブラウザーには記録できません。閉じる前に selection.json に保存してください");
    cannotKeep = true;
  }
  renderTop();
}

function restore() {
  takeSelection(data.selection);
  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(KEY)); } catch { /* nothing kept, or nothing readable */ }
  if (!kept) return;
  try { takeSelection(kept.selection); } catch { /* of another version: leave it be */ }
  for (const { labels, ...entry } of kept.corrections ?? []) {
    const [comment] = findComment(entry, categories[0]);
    if (comment) desk.corrections.set(comment.index, labels.filter((id) => categoryById.has(id)));
  }
}

const entryOf = (kind, comment, category) => category && desk.choices[category.index][kind].find((entry) => entry.comment === comment);
const isPinned = (comment, category) => Boolean(entryOf("pins", comment, category));
const isBanned = (comment, category) => Boolean(entryOf("bans", comment, category));

function remove(kind, comment, category) {
  const choice = desk.choices[category.index];
  choice[kind] = choice[kind].filter((entry) => entry.comment !== comment);
}

// Takes a quote, or puts it back.
function togglePin(comment, category, parts) {
  if (isPinned(comment, category) && !parts) {
    remove("pins", comment, category);
    say(`「${category.name}」の採用を取り消しました`);
  } else {
    remove("bans", comment, category);
    const entry = entryOf("pins", comment, category);
    if (entry) entry.parts = parts;
    else desk.choices[category.index].pins.push({ comment, parts: parts ?? usualParts(comment, category), notes: "" });
    say(entry ? "引用する所を変えました" : `「${category.name}」に採用しました（${number(pinCount())} 件）`);
  }
  keep();
}

// Leaves an answer out, or lets it in again.
function toggleBan(comment, category) {
  if (isBanned(comment, category)) {
    remove("bans", comment, category);
    say("除外を取り消しました");
  } else {
    remove("pins", comment, category);
    desk.choices[category.index].bans.push({ comment, parts: [], notes: "" });
    say(`「${category.name}」の引用から除外しました`);
  }
  keep();
}

function movePin(category, from, to) {
  const { pins } = desk.choices[category.index];
  if (to < 0 || to >= pins.length || from === to) return false;
  pins.splice(to, 0, ...pins.splice(from, 1));
  keep();
  return true;
}

const pinCount = () => desk.choices.reduce((sum, { pins }) => sum + pins.length, 0);
const quoteText = ({ comment, parts }) => printed(comment.text, parts);
// The representative quote that a pin is of, which stands for others that say the same.
const quoteOf = (category, pin) => quotes[category.index].find(({ comment }) => comment === pin.comment);
