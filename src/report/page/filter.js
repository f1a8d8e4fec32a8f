// Which comments are shown, and how many there would be.

const searchWords = (query) => fold(query).split(/[\s　]+/).filter((word) => word !== "");

// Made when first searched: takes a moment with 50,000 answers, and most visits begin without a search.
let foldedTexts = null;
const foldedText = (comment) => {
  foldedTexts ??= comments.map(({ text }) => fold(text));
  return foldedTexts[comment.index];
};

// One pass over all comments. Gives
// - list: the comments that meet everything;
// - base: the answered ones that meet everything but what is asked of categories and status;
// - perCategory: of base, by category;
// - perValue: by dimension and value, those that meet everything else.
function runFilter() {
  const words = searchWords(state.q);
  const wanted = state.cats.map((id) => categoryById.get(id).index);
  const unwanted = state.nots.map((id) => categoryById.get(id).index);
  const asked = dimensions.filter(({ name }) => state.dims[name]).map((dimension) => {
    const values = state.dims[dimension.name];
    const parts = values.map(fold);
    const isMet = (value) => (dimension.isListed ? values.includes(value) : parts.some((part) => fold(value).includes(part)));
    return { index: dimension.index, isMet: dimension.values.map(isMet) };
  });
  const listed = dimensions.filter(({ isListed, isUseful }) => isListed && isUseful);
  const perCategory = new Uint32Array(categories.length);
  const perValue = dimensions.map(({ values }) => new Uint32Array(values.length));
  const list = [];
  const base = [];
  for (const comment of comments) {
    if (words.length > 0) {
      const text = foldedText(comment);
      if (!words.every((word) => text.includes(word)) && fold(comment.id) !== words[0]) continue;
    }
    let failed = 0;
    let failedAt = -1;
    for (const { index, isMet } of asked) {
      if (!isMet[comment.values[index]]) { failed += 1; failedAt = index; }
    }
    if (failed > 1) continue;
    if (failed === 0 && comment.answered) {
      base.push(comment);
      for (const { category } of comment.tags) perCategory[category] += 1;
    }
    const has = (category) => comment.tags.some((tag) => tag.category === category);
    const fits = (wanted.length === 0 || (state.either ? wanted.some(has) : wanted.every(has))) && !unwanted.some(has)
      && (state.status === "nothing" ? !comment.answered : comment.answered)
      && (state.status !== "untagged" || comment.tags.length === 0);
    if (!fits) continue;
    if (failed === 0) {
      list.push(comment);
      for (const { index } of listed) perValue[index][comment.values[index]] += 1;
    } else {
      perValue[failedAt][comment.values[failedAt]] += 1;
    }
  }
  return { list, base, perCategory, perValue, words };
}
