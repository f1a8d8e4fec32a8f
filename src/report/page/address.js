// The state of the page is its address: what is behind the # can be bookmarked, mailed and gone back from.

const VIEWS = { overview: "概観", read: "読む", basket: "採用" };

// { view, cats, nots, either, status, q, dims: { name: [values] }, by }
function readAddress(hash) {
  const [view, query = ""] = hash.replace(/^#/, "").split("?");
  const params = new URLSearchParams(query);
  const known = (name) => params.getAll(name).filter((id) => categoryById.has(id));
  const state = {
    view: Object.hasOwn(VIEWS, view) ? view : "overview",
    cats: known("cat"), nots: known("not"), either: params.has("or"),
    status: ["untagged", "nothing"].includes(params.get("status")) ? params.get("status") : "",
    q: params.get("q") ?? "", by: params.get("by") ?? "", dims: {},
  };
  for (const dimension of dimensions) {
    const values = params.getAll(`=${dimension.name}`);
    if (values.length > 0) state.dims[dimension.name] = values;
  }
  return state;
}

function address(state) {
  const params = new URLSearchParams();
  state.cats.forEach((id) => params.append("cat", id));
  state.nots.forEach((id) => params.append("not", id));
  if (state.either && state.cats.length > 1) params.set("or", "1");
  if (state.status) params.set("status", state.status);
  if (state.q) params.set("q", state.q);
  if (state.by) params.set("by", state.by);
  for (const [name, values] of Object.entries(state.dims)) values.forEach((value) => params.append(`=${name}`, value));
  const query = params.toString();
  return `#${state.view}${query ? `?${query}` : ""}`;
}

let state = readAddress(location.hash);

const changed = (change) => ({ ...state, ...change });
const linkTo = (change) => address(changed(change));

// Goes somewhere, leaving a step to go back to.
function go(change) {
  const to = linkTo(change);
  if (to === location.hash) render();
  else location.hash = to;
}

// Changes the address without a step, as while a search is typed.
function adjust(change) {
  state = changed(change);
  history.replaceState(null, "", address(state));
  render();
}

// Filters off, the view as it is.
const NO_FILTER = { cats: [], nots: [], either: false, status: "", q: "", dims: {} };

const isFiltered = () => state.cats.length + state.nots.length + Object.keys(state.dims).length > 0 || state.status !== "" || state.q !== "";

function withValue(name, value) {
  const values = state.dims[name] ?? [];
  const next = values.includes(value) ? values.filter((other) => other !== value) : [...values, value];
  const dims = { ...state.dims, [name]: next };
  if (next.length === 0) delete dims[name];
  return dims;
}

// The category that is read about, if it is one.
const activeCategory = () => (state.cats.length === 1 ? categoryById.get(state.cats[0]) : null);
