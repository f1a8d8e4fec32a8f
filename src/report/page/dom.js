// Elements out of names, properties and children. Text becomes text nodes, whatever it says.

function h(name, properties, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key.startsWith("--")) element.style.setProperty(key, value);
    else if (key === "class") element.className = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  return fill(element, ...children);
}

// Puts children into an element in place of what it has; what isn't there is left out.
function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const byId = (id) => document.getElementById(id);

let toastTimer = 0;
// Says what happened, also to screen readers.
function say(message) {
  byId("toast").textContent = message;
  byId("toast").classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => byId("toast").classList.remove("shown"), 3200);
}

// Opens the dialog with a title; it closes by Esc, by × and by a click outside.
function openDialog(title, ...children) {
  const dialog = byId("dialog");
  fill(dialog,
    h("div", { class: "dialog-head" }, h("h2", { id: "dialog-title" }, title),
      h("button", { class: "quiet", "aria-label": "閉じる", onclick: () => dialog.close() }, "×")),
    ...children);
  dialog.setAttribute("aria-labelledby", "dialog-title");
  if (!dialog.open) dialog.showModal();
  return dialog;
}
byId("dialog").addEventListener("click", (event) => { if (event.target === byId("dialog")) byId("dialog").close(); });
