// The data of the page, named. src/report/data.rs writes it.

const data = JSON.parse(document.getElementById("data").textContent);

const categories = data.categories.map(([id, name, group, desc, count, respondents], index) =>
  ({ index, id, name, group, desc, count, respondents }));
const categoryById = new Map(categories.map((category) => [category.id, category]));

const comments = data.comments.map(([id, question, text, hash, answered, values, tags], index) => ({
  index, id, text, hash,
  question: data.questions[question],
  answered: answered === 1,
  values: [question, ...values],
  // Per category: its index, then from and to of each place, in UTF-16 units.
  tags: tags.map(([category, ...spans]) => ({ category, spans: pairs(spans) })),
}));

// What answers can be divided by: the question and the other columns of the input.
const dimensions = [["問", data.questions], ...data.attributes].map(([name, values], index) => ({ index, name, values }));
// Beyond this many values a column is searched instead of listed. Japan has 47 prefectures.
const MOST_LISTED = 80;
for (const dimension of dimensions) {
  dimension.isListed = dimension.values.length <= MOST_LISTED;
  dimension.isUseful = dimension.values.length > 1;
}

// Columns that say where an answer comes from, from what kind of facility, and in which survey wave.
const isPlace = ({ index, name }) => index > 0 && name === data.roles.place;
const isKind = ({ index, name }) => index > 0 && name === data.roles.kind;
const isWave = ({ index, name }) => index > 0 && name === data.roles.wave;

const placeColumn = dimensions.find(isPlace);

// Quotes by category, best first.
const quotes = categories.map(() => []);
for (const [category, comment, parts, reason, flags, similar, others, places] of data.quotes) {
  quotes[category].push({ comment: comments[comment], parts: pairs(parts), reason, flags, similar, others, places, rank: quotes[category].length + 1 });
}

const total = {};
["all", "answered", "nothing", "empty", "tagged", "untagged"].forEach((name, at) => {
  const [count, respondents] = data.totals[at];
  total[name] = { count, respondents };
});

function pairs(flat) {
  const made = [];
  for (let at = 0; at < flat.length; at += 2) made.push([flat[at], flat[at + 1]]);
  return made;
}

let commentsById = null;
// All answers of a respondent.
function commentsOf(id) {
  if (!commentsById) {
    commentsById = new Map();
    for (const comment of comments) {
      const same = commentsById.get(comment.id);
      if (same) same.push(comment); else commentsById.set(comment.id, [comment]);
    }
  }
  return commentsById.get(id) ?? [];
}

function valueOf(comment, dimension) {
  return dimension.values[comment.values[dimension.index]];
}

function tagOf(comment, category) {
  return comment.tags.find((tag) => tag.category === category.index);
}
