// Building and updating the document. Text always enters as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

// Makes an element. `props` may hold attributes, `class`, `text`, `on…` listeners and properties
// that have no attribute (`value`, `checked`, `disabled`, `hidden`).
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (name === "text") element.textContent = value;
    else if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (["value", "checked", "disabled", "hidden", "required"].includes(name)) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

export function button(label, onclick, kind = "quiet") {
  return h("button", { type: "button", class: kind, text: label, onclick });
}

// A labelled form field; the caller reads `.input.value`.
export function field(label, input) {
  const element = h("label", { class: "field" }, h("span", { text: label }), input);
  return { element, input };
}

export function replace(parent, ...children) {
  parent.replaceChildren(...children.flat().filter(Boolean));
}

// Makes the children of `parent` show `items`, in order. Nodes are kept by key, so focus, scroll
// position and selections survive an update.
export function reconcile(parent, items, { key, create, update }) {
  const kept = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const id = String(key(item));
    let node = kept.get(id);
    kept.delete(id);
    if (!node) {
      node = create(item);
      node.dataset.key = id;
    }
    update(node, item);
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  for (const node of kept.values()) node.remove();
}

const TICKS = {
  clock: ["M8 4.5V8l2.3 1.5", "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z"],
  one: ["M3 8.6 6.4 12 13 4.6"],
  two: ["M1 8.6 4.4 12 11 4.6", "M7 11.2 7.8 12 14.6 4.6"],
  warning: ["M8 2 14.4 13.4H1.6z", "M8 6.4v3.2", "M8 11.6v.1"],
  question: ["M5.6 6.2a2.4 2.4 0 1 1 3.6 2c-.8.5-1.2.9-1.2 1.8", "M8 12.4v.1"],
};

// A small line drawing, with its meaning as its name.
export function icon(name, label) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  for (const d of TICKS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

// Says something to people who do not see the screen.
export function announce(text) {
  byId("announcer").textContent = text;
}
