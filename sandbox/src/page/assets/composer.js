// Where the recruiter writes: text while the window is open, a template when it is closed.

import { conversations } from "./api.js";
import { byId, h, replace } from "./dom.js";
import { attempt } from "./send.js";
import { on, putConversation, selected, store, windowOpen } from "./store.js";
import { loadTemplates, templateForm } from "./template.js";

const LONGEST_TEXT = 4096;
const TALLEST_INPUT = 160;

// What was typed and not sent, by conversation.
const drafts = new Map();
let shown = "";

export function start() {
  on(["selection", "conversations", "clock", "client", "templates"], render);
  render();
}

// Rebuilt only when another form is due: an event must not take the words from under the fingers.
function render() {
  const conversation = selected();
  const mode = modeOf(conversation);
  const templates = mode === "template" ? store.templates.map(({ id }) => id).join() : "";
  const wanted = [conversation?.id, mode, templates].join(" ");
  if (wanted === shown) return;
  shown = wanted;
  const place = byId("composer");
  place.hidden = mode === "none";
  if (mode === "unconnected") {
    replace(place, h("p", { class: "muted", text: "Connect WhatsApp to write here. The history stays readable." }));
  }
  if (mode === "text") textForm(place, conversation);
  if (mode === "template") closedForm(place, conversation);
}

function modeOf(conversation) {
  if (!conversation) return "none";
  if (store.client?.status !== "CONNECTED") return "unconnected";
  return windowOpen(conversation) ? "text" : "template";
}

function textForm(place, { id }) {
  const problem = problemLine();
  const input = h("textarea", {
    rows: "1", maxlength: String(LONGEST_TEXT), placeholder: "Write a message", "aria-label": "Message",
    value: drafts.get(id) ?? "",
    oninput: () => {
      drafts.set(id, input.value);
      grow(input);
    },
    onkeydown: (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    },
  });
  const form = h("form", { class: "write", onsubmit: submit }, input, h("button", { type: "submit", class: "primary", text: "Send" }));
  replace(place, problem.element, form);
  grow(input);
  input.focus({ preventScroll: true });

  function submit(event) {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    drafts.delete(id);
    grow(input);
    const putBack = () => {
      drafts.set(id, text);
      if (input.value === "") input.value = text;
      grow(input);
    };
    problem.run(attempt("text", { conversationId: id, text }), putBack);
  }
}

function grow(input) {
  input.style.height = "auto";
  const border = input.offsetHeight - input.clientHeight;
  input.style.height = `${Math.min(input.scrollHeight + border, TALLEST_INPUT)}px`;
  input.style.overflowY = input.scrollHeight + border > TALLEST_INPUT ? "auto" : "hidden";
}

async function closedForm(place, conversation) {
  replace(place, h("p", { class: "muted", text: "The window is closed. Looking for the right template…" }));
  const mine = shown;
  let pick = null;
  if (store.templates.length === 0) await loadTemplates();
  try {
    const window = await conversations.window(conversation.id);
    pick = window.nextTemplate;
    // The server's clock decides; ours was behind.
    if (window.open) putConversation({ ...conversation, inWindow: true, windowExpiresAt: window.expiresAt });
  } catch {
    // Without the pick every approved template can still be chosen.
  }
  if (mine !== shown) return;
  const problem = problemLine();
  const form = templateForm({ purpose: pick, candidateName: () => conversation.candidate.name ?? "" });
  const send = h("button", { type: "submit", class: "primary", text: "Send template" });
  replace(place,
    h("p", { class: "closed-note", text: reason(pick, conversation) }),
    problem.element,
    h("form", { class: "templates", onsubmit: submit }, form.element, send));

  async function submit(event) {
    event.preventDefault();
    if (!form.ready()) return;
    send.disabled = true;
    await problem.run(attempt("template", { conversationId: conversation.id, ...form.body() }), undefined, anew);
    send.disabled = false;
  }
}

// Having been sent, a template changes which one comes next.
function anew() {
  shown = "";
  render();
}

function reason(pick, conversation) {
  if (pick === "INITIATE") return "The candidate has not written yet. Start with a template.";
  if (pick === "REENGAGE" && !conversation.windowExpiresAt) {
    return "The candidate has not answered yet. Write again with a template.";
  }
  if (pick === "REENGAGE") return "More than 24 hours since the candidate wrote. Re-open with a template.";
  return "The window is closed. Choose a template.";
}

// Shows what went wrong, and offers the same request again when nobody knows what became of it.
export function problemLine() {
  const text = h("span", {});
  const again = h("button", { type: "button", class: "quiet", text: "Try again" });
  const element = h("p", { class: "problem", role: "alert", hidden: true }, text, again);

  async function run(send, onFailure = () => undefined, onSuccess = () => undefined) {
    element.hidden = true;
    try {
      onSuccess(await send());
    } catch (error) {
      text.textContent = error.message;
      again.hidden = !error.unanswered;
      again.onclick = () => run(send, () => undefined, onSuccess);
      element.hidden = false;
      if (!error.unanswered && error.status !== 422) onFailure();
    }
  }
  return { element, run };
}
