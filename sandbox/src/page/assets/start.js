// A conversation with somebody new: a number, a name, and the template that opens it.

import { conversations } from "./api.js";
import { button, byId, field, h, replace } from "./dom.js";
import { problemLine } from "./composer.js";
import { attempt } from "./send.js";
import { number as shownNumber, putConversation, select, store, titleOf } from "./store.js";
import { loadTemplates, templateForm } from "./template.js";

export async function open() {
  if (store.templates.length === 0) await loadTemplates();
  const dialog = byId("start");
  const number = field("Number, with country code", h("input", {
    type: "tel", required: true, autocomplete: "off", placeholder: "+1 650 555 0123", oninput: lookUp,
  }));
  const name = field("Candidate's name", h("input", { autocomplete: "off", maxlength: "100", oninput: () => form.rename() }));
  const form = templateForm({ purpose: "INITIATE", candidateName: () => name.input.value.trim() });
  const problem = problemLine();
  const known = h("p", { class: "notice", hidden: true });
  const send = h("button", { type: "submit", class: "primary", text: "Send template" });

  replace(dialog, h("form", { class: "start-form", onsubmit: submit },
    h("h2", { text: "New conversation" }),
    number.element, known, name.element, form.element, problem.element,
    h("div", { class: "actions" }, button("Cancel", () => dialog.close()), send)));
  dialog.showModal();
  number.input.focus();

  // Whoever is in the inbox already is better answered there.
  function lookUp() {
    const found = inInbox(number.input.value);
    known.hidden = !found;
    if (!found) return;
    replace(known, h("span", { text: `${titleOf(found)} is in your inbox. ` }), button("Open", () => {
      dialog.close();
      select(found.id);
    }));
  }

  async function submit(event) {
    event.preventDefault();
    if (!form.ready()) return;
    const to = number.input.value.trim();
    const candidateName = name.input.value.trim();
    const body = { to, ...(candidateName ? { candidateName } : {}), ...form.body() };
    send.disabled = true;
    await problem.run(attempt("template", body), undefined, async ({ conversationId }) => {
      dialog.close();
      putConversation(await conversations.one(conversationId));
      select(conversationId);
    });
    send.disabled = false;
  }
}

function inInbox(typed) {
  const digits = typed.replace(/\D/g, "");
  if (digits.length < 6) return undefined;
  const has = ({ candidate }) => [candidate.waId, candidate.phoneNumber]
    .some((known) => known && shownNumber(known) === `+${digits}`);
  return [...store.conversations.values()].find(has);
}
