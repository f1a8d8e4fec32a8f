// 訂正: the categories of an answer as the editor says they are, also from a file saved before.

function openCorrection(comment) {
  const start = desk.corrections.get(comment.index) ?? comment.tags.map(({ category }) => categories[category].id);
  const chosen = new Set(start);
  const boxes = [...groupsOf(categories.map((category) => ({ category })))].map(([group, members]) =>
    h("fieldset", null, h("legend", null, group), members.map(({ category }) =>
      h("label", { title: category.desc, "data-name": fold(category.name) },
        h("input", { type: "checkbox", checked: chosen.has(category.id), onchange: (event) => { if (event.target.checked) chosen.add(category.id); else chosen.delete(category.id); } }),
        category.name))));
  const narrow = (event) => {
    const word = fold(event.target.value.trim());
    for (const label of dialog.querySelectorAll("label[data-name]")) label.hidden = !label.dataset.name.includes(word);
    for (const fieldset of dialog.querySelectorAll("fieldset")) fieldset.hidden = !fieldset.querySelector("label:not([hidden])");
  };
  const done = (message) => { keep(); refreshCards(); dialog.close(); say(message); };
  const dialog = openDialog("正しいカテゴリ",
    h("p", { class: "text sample", dir: "auto" }, comment.text),
    h("p", { class: "note" }, "付け直した回答は、正解のデータ（CSV）として保存できます。そのままでよい回答も、記録すると精度の測定に使えます。"),
    h("input", { type: "search", placeholder: "カテゴリを探す", "aria-label": "カテゴリを探す", autofocus: true, oninput: narrow }),
    h("div", { class: "boxes", tabindex: "-1" }, h("div", { class: "columns" }, boxes)),
    h("div", { class: "row end-row" },
      desk.corrections.has(comment.index) && h("button", { class: "quiet", onclick: () => { desk.corrections.delete(comment.index); done("訂正を取り消しました"); } }, "訂正を取り消す"),
      h("span", { class: "gap" }),
      h("button", { class: "primary", onclick: () => {
        desk.corrections.set(comment.index, categories.filter(({ id }) => chosen.has(id)).map(({ id }) => id));
        done(`記録しました（${number(desk.corrections.size)} 件。「採用」の画面から CSV に保存できます）`);
      } }, "記録する")));
}

const sameText = (one, other) => one.replace(/\r\n?/g, "\n") === other.replace(/\r\n?/g, "\n");

async function loadCorrections(file) {
  const [header = [], ...rows] = await readCsv(file);
  const [id, question, text, labels] = ["id", "question", "text", "labels"].map((name) => header.indexOf(name));
  if (Math.min(id, text, labels) < 0) {
    say(`${file.name} は読めません: 選択（selection.json）でも訂正（corrections.csv）でもありません`);
    return;
  }
  let taken = 0;
  const missed = [];
  for (const row of rows) {
    const comment = commentsOf(row[id]).find((one) => sameText(one.text, row[text] ?? "") && (question < 0 || one.question === row[question]));
    const names = (row[labels] ?? "").split(/[;；]/).map((name) => name.trim()).filter(Boolean);
    const found = names.map((name) => categoryById.get(name) ?? categories.find((category) => category.name === name));
    if (comment && found.every(Boolean)) {
      desk.corrections.set(comment.index, categories.filter((category) => found.includes(category)).map((category) => category.id));
      taken += 1;
    } else {
      missed.push(row[id]);
    }
  }
  keep();
  render();
  say(`訂正 ${number(taken)} 件を読み込みました${missed.length > 0 ? `。今の回答やカテゴリに合わないもの ${number(missed.length)} 件（${missed.slice(0, 5).join("、")}）` : ""}`);
}
