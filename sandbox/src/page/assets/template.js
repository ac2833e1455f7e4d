// The form for a template: which one, its variables, and what the candidate will read.

import { templates } from "./api.js";
import { field, h, replace } from "./dom.js";
import { putTemplates, store } from "./store.js";

const VARIABLE = /\{\{\s*(\w+)\s*\}\}/g;

// Templates come with the connection, which may be younger than the page.
export async function loadTemplates() {
  try {
    putTemplates((await templates()).data);
  } catch {
    // The form says that there is none, and the next look asks again.
  }
}

// `purpose` is the service's own pick; `candidateName()` fills the variable that asks for it.
export function templateForm({ purpose, candidateName }) {
  const choice = h("select", { onchange: draw });
  const variables = h("div", { class: "variables" });
  const preview = h("p", { class: "preview-text", "aria-live": "polite" });
  const note = h("p", { class: "muted" });
  const chooser = field("Template", choice);
  const element = h("div", { class: "template-form" }, chooser.element, variables, preview, note);
  let slots = [];

  for (const template of sorted(purpose)) {
    choice.append(h("option", { value: template.id, text: label(template, purpose) }));
  }
  draw();

  function chosen() {
    return store.templates.find(({ id }) => id === choice.value);
  }

  function draw() {
    const template = chosen();
    chooser.element.hidden = !template;
    note.textContent = template ? "" : "No approved template yet. It appears here once Meta has approved one.";
    slots = template ? slotsOf(template) : [];
    replace(variables, slots.map((slot) => slot.element));
    show();
  }

  function show() {
    const template = chosen();
    preview.hidden = !template;
    if (template) preview.textContent = rendered(template, slots);
  }

  function slotsOf(template) {
    const found = variablesOf(template);
    const inBody = found.filter(({ place }) => place === "body").length;
    return found.map((slot) => {
      const asksForName = slot.place === "body" && (inBody === 1 || slot.name === "candidate_name");
      const input = h("input", {
        value: asksForName ? candidateName() : "", required: true, autocomplete: "off", oninput: show,
      });
      return { ...slot, ...field(slot.title, input), asksForName };
    });
  }

  return {
    element,
    ready: () => Boolean(chosen()) && slots.every(({ input }) => input.value.trim() !== ""),
    // The name was typed after the form was drawn.
    rename() {
      for (const { asksForName, input } of slots) if (asksForName) input.value = candidateName();
      show();
    },
    body: () => bodyOf(chosen(), slots, purpose),
  };
}

// The pick first, and among its languages the one the recruiter prefers.
function sorted(purpose) {
  const preferred = store.client?.settings?.templateLanguage;
  const weight = (template) =>
    (template.purpose && template.purpose === purpose ? 0 : 2) + (template.language === preferred ? 0 : 1);
  return [...store.templates].sort((a, b) => weight(a) - weight(b) || a.name.localeCompare(b.name));
}

function label({ name, language, purpose }, wanted) {
  return `${name} · ${language}${purpose && purpose === wanted ? " (suggested)" : ""}`;
}

const component = ({ components = [] }, type) => components.find((part) => part.type?.toUpperCase() === type);
const names = (text = "") => [...new Set([...text.matchAll(VARIABLE)].map(([, name]) => name))];

function variablesOf(template) {
  const body = names(component(template, "BODY")?.text).map((name) => ({ place: "body", name, title: titled(name) }));
  const header = names(component(template, "HEADER")?.text).map((name) => ({ place: "header", name, title: "Header" }));
  const buttons = (component(template, "BUTTONS")?.buttons ?? []).flatMap(({ url, text }, index) =>
    names(url).map((name) => ({ place: "button", index, name, title: `Link of “${text}”` })));
  return [...header, ...body, ...buttons];
}

const isPosition = (name) => /^\d+$/.test(name);
const titled = (name) => (isPosition(name) ? `Variable ${name}` : name.replaceAll("_", " "));

function rendered(template, slots) {
  const fill = (place) => (whole, name) =>
    slots.find((slot) => slot.place === place && slot.name === name)?.input.value.trim() || `[${titled(name)}]`;
  return [
    component(template, "HEADER")?.text?.replace(VARIABLE, fill("header")),
    component(template, "BODY")?.text?.replace(VARIABLE, fill("body")),
    component(template, "FOOTER")?.text,
  ].filter(Boolean).join("\n");
}

// Only what differs from the service's own pick is named, so that the pick stays the service's.
function bodyOf(template, slots, purpose) {
  const value = ({ input }) => input.value.trim();
  const inBody = slots.filter(({ place }) => place === "body");
  const header = slots.find(({ place }) => place === "header");
  const buttons = slots.filter(({ place }) => place === "button").map((slot) => ({ index: slot.index, value: value(slot) }));
  const positional = inBody.every(({ name }) => isPosition(name));
  const body = {};
  if (inBody.length > 0) {
    body.variables = positional
      ? inBody.sort((a, b) => Number(a.name) - Number(b.name)).map(value)
      : Object.fromEntries(inBody.map((slot) => [slot.name, value(slot)]));
  }
  if (header) body.header = { text: value(header) };
  if (buttons.length > 0) body.buttons = buttons;
  const { name, language } = template;
  const languages = store.templates.filter((other) => other.name === name).length;
  if (template.purpose !== purpose || !purpose) body.template = { name, language };
  else if (languages > 1) body.language = language;
  return body;
}
