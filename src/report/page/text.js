// Texts: folding for the search, cutting, counting.

// What a reader takes for the same character: full and half width, capitals, half-width kana.
const FOLDED = /[ｦ-ﾝ][ﾞﾟ]?|[！-～Ａ-Ｚ㈱㎡①-⑳]|[A-ZÀ-Þ]/g;
const fold = (text) => text.replace(FOLDED, (part) => part.normalize("NFKC").toLowerCase());

// The folded text with, for each of its units, where it begins in the original.
function foldWithMap(text) {
  let folded = "";
  const starts = [];
  let at = 0;
  const keep = (to) => { for (; at < to; at += 1) { folded += text[at]; starts.push(at); } };
  for (const match of text.matchAll(FOLDED)) {
    keep(match.index);
    for (const unit of fold(match[0]).split("")) { folded += unit; starts.push(match.index); }
    at = match.index + match[0].length;
  }
  keep(text.length);
  starts.push(text.length);
  return { folded, starts };
}

// Where the words of a search stand in a text.
function hits(text, words) {
  if (words.length === 0) return [];
  const { folded, starts } = foldWithMap(text);
  const spans = [];
  for (const word of words) {
    for (let from = folded.indexOf(word); from >= 0; from = folded.indexOf(word, from + word.length)) {
      let end = from + word.length;
      while (end < starts.length - 1 && starts[end] === starts[end - 1]) end += 1;
      spans.push([starts[from], starts[end]]);
    }
  }
  return spans;
}

// Cuts a text where any layer begins or ends: [text, names of the layers there].
function cut(text, layers) {
  const bounds = new Set([0, text.length]);
  for (const { spans } of layers) for (const [from, to] of spans) { bounds.add(from); bounds.add(to); }
  const points = [...bounds].sort((a, b) => a - b);
  return points.slice(1).map((to, at) => {
    const from = points[at];
    const names = layers.filter(({ spans }) => spans.some((span) => span[0] <= from && to <= span[1])).map(({ name }) => name);
    return [text.slice(from, to), [...new Set(names)]];
  });
}

// Signs between sentences, and those that open an item; as src/quote/mod.rs has them.
const BETWEEN = "。．！!？?・→※◎○■◆□◇★☆●";
const isBetween = (char) => BETWEEN.includes(char) || /[①-⑳⑴-⒇❶-❿]/.test(char);
const breaksOff = (text) => text !== "" && !/[ 　\n\r）」』)]$/.test(text) && !isBetween(text[text.length - 1]);
const goesOn = (text) => text !== "" && !/^\s/.test(text) && !isBetween(text[0]);

// What only says that another point follows; as src/quote/reading.rs has it.
const OPENER = /(また|さらに|更に|なお|尚|それから|そして|あと|次に|つぎに|まず|しかし|ただし|ただ|でも|その他|そのほか|他に|ほかに|加えて|一方|及び|および|又|もちろん|とにかく)、?$/;
const beginsWithin = (before) => breaksOff(before) && !(OPENER.test(before) && !breaksOff(before.replace(OPENER, "")));

// The signs before each part and behind the last: … where something between two parts is left out, and at an end within
// a sentence, but for a また、 before it.
function ellipses(text, parts) {
  const before = parts.map(([from], at) => ((at === 0 ? beginsWithin(text.slice(0, from)) : parts[at - 1][1] < from) ? "…" : ""));
  const [from, to] = parts[parts.length - 1];
  return { before, after: breaksOff(text.slice(from, to)) && goesOn(text.slice(to)) ? "…" : "" };
}

// The parts of a text as they are printed.
function printed(text, parts) {
  const { before, after } = ellipses(text, parts);
  return parts.map((part, at) => before[at] + text.slice(...part)).join("") + after;
}

function isWhole(text, parts) {
  return parts.length === 1 && parts[0][0] === 0 && parts[0][1] === text.length;
}

// Sorted, and overlapping parts made one.
function merged(parts) {
  const made = [];
  for (const [from, to] of [...parts].sort((a, b) => a[0] - b[0])) {
    const last = made[made.length - 1];
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else made.push([from, to]);
  }
  return made;
}

// Characters as people and selection.json count them: Unicode scalar values.
const charsIn = (text) => { let count = 0; for (const _ of text) count += 1; return count; };
const toChars = (text, unit) => charsIn(text.slice(0, unit));
function toUnits(text, chars) {
  let unit = 0;
  for (let at = 0; at < chars; at += 1) {
    if (unit >= text.length) return null;
    unit += text.codePointAt(unit) > 0xffff ? 2 : 1;
  }
  return unit;
}

const number = (count) => count.toLocaleString("ja-JP");
// One decimal, as summary.csv has it.
const percent = (part, whole) => (whole === 0 ? "－" : `${(Math.round((1000 * part) / whole) / 10).toFixed(1)} %`);
