// The keyboard. Letters work wherever nothing is being typed.

const KEYS = [
  ["j k", "次・前の回答へ"], ["a", "採用する・取り消す（文をなぞって選んでから押すと、そこだけ）"], ["x", "引用から除外する・戻す"],
  ["c", "引用をコピーする"], ["e", "カテゴリを訂正する"], ["o", "全文を開く・たたむ"], ["n p", "次・前のカテゴリへ"],
  ["/", "検索する"], ["1 2 3", "概観・読む・採用"], ["Alt ↑ ↓", "採用した引用を並べかえる"], ["?", "この一覧"],
];

function openHelp() {
  openDialog("キーボード", h("dl", { class: "keys" }, KEYS.map(([keys, what]) =>
    [h("dt", null, keys.split(" ").map((key) => h("kbd", null, key))), h("dd", null, what)])));
}

// The next category that has answers, in the order of the list.
function stepCategory(by) {
  const present = categories.filter(({ count }) => count > 0);
  if (present.length === 0) return;
  const active = activeCategory();
  const at = active ? present.indexOf(active) + by : by > 0 ? 0 : -1;
  const next = present[(at + present.length) % present.length];
  go({ view: "read", cats: [next.id], nots: [], status: "" });
}

const ACTIONS = {
  "/": () => byId("search").focus(), "?": openHelp,
  1: () => go({ view: "overview" }), 2: () => go({ view: "read" }), 3: () => go({ view: "basket" }),
  n: () => stepCategory(1), p: () => stepCategory(-1),
};
const CARD_ACTIONS = { a: "pin", x: "ban", c: "copy", e: "correct", o: "open" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const isTyping = event.target.closest("input, textarea, select");
  if (event.key === "Escape" && isTyping) { event.target.blur(); return; }
  if (isTyping || byId("dialog").open) return;
  const act = ACTIONS[event.key];
  const cardAct = CARD_ACTIONS[event.key];
  if (act) act();
  else if (state.view !== "read") return;
  else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  else if (cardAct && current) current.act(cardAct);
  else if (cardAct) say("先に j で回答を選んでください");
  else return;
  event.preventDefault();
});
