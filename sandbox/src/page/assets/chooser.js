// One thing out of many, to do it: a list, what it sends as JSON for whoever wants it different, and
// a button. `groups` are `[label, [[label, title, make]]]`; `make` answers what `run` is called with.

import { h, replace } from "./dom.js";

export function chooser({ label, verb, groups, run, extra = null }) {
  const entries = groups.flatMap(([, entries]) => entries);
  const list = h("select", { "aria-label": label, onchange: show },
    groups.map(([name, within]) => h("optgroup", { label: name },
      within.map((entry) => h("option", { value: String(entries.indexOf(entry)), text: entry[0] })))));
  const title = h("p", { class: "muted" });
  const json = h("textarea", { rows: "5", spellcheck: "false", "aria-label": `${label}, as JSON`, oninput: () => { touched = true; } });
  const said = h("p", { class: "muted said", role: "status" });
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const details = h("details", { ontoggle: () => { if (details.open && !touched) fill(); } }, h("summary", { text: "As JSON" }), json);
  const form = h("form", { class: "chooser", onsubmit: submit },
    h("div", { class: "write" }, list, h("button", { type: "submit", class: "primary", text: verb })),
    title, extra?.element, details, said, problem);
  // What a person wrote is not replaced until something else is chosen.
  let touched = false;
  show();

  function chosen() {
    return entries[Number(list.value)];
  }

  function show() {
    touched = false;
    title.textContent = chosen()[1];
    extra?.show(chosen());
    problem.hidden = true;
    said.textContent = "";
    fill();
  }

  // What it is about may have changed since it was chosen: a newer message, another number.
  function fill() {
    try {
      json.value = JSON.stringify(chosen()[2](), null, 1);
    } catch (error) {
      json.value = "";
      json.placeholder = error.message;
    }
  }

  async function submit(event) {
    event.preventDefault();
    problem.hidden = true;
    said.textContent = "";
    try {
      const wanted = touched ? JSON.parse(json.value) : chosen()[2]();
      said.textContent = short(await run(wanted));
      if (!touched) fill();
    } catch (error) {
      replace(problem, error.message);
      problem.hidden = false;
    }
  }
  return form;
}

function short(answer) {
  if (typeof answer === "string") return answer;
  const text = JSON.stringify(answer ?? "done");
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
