// The candidate's side: what the phone shows, and what its owner does.

import { phones } from "./api.js";
import { chooser } from "./chooser.js";
import { button, byId, field, h, icon, reconcile, replace } from "./dom.js";
import { kinds, readFile } from "./kinds.js";
import { people } from "./people.js";
import { on, selected, store } from "./store.js";
import { time } from "./time.js";

const SAMPLE_NUMBER = "16505550123";
const PAUSE_AFTER_ERROR = 2000;

let number = SAMPLE_NUMBER;
let view = { messages: [] };
let watching = null;
let parts = null;

export function start() {
  parts = build();
  replace(byId("phone"), parts.all);
  on(["selection"], followSelection);
  document.addEventListener("visibilitychange", watch);
  watch();
}

function build() {
  const dial = h("input", { type: "tel", value: `+${number}`, "aria-label": "Phone number", autocomplete: "off", onchange: () => choose(dial.value) });
  const name = h("input", { "aria-label": "Profile name", placeholder: "Name", autocomplete: "off" });
  const messages = h("ol", { class: "phone-messages", tabindex: "0", "aria-label": "Messages on the phone" });
  const note = h("p", { class: "problem", role: "alert", hidden: true });
  const text = h("input", { placeholder: "Write as the candidate", "aria-label": "Write as the candidate", autocomplete: "off" });
  const write = h("form", { class: "write", onsubmit: (event) => {
    event.preventDefault();
    const said = text.value.trim();
    if (!said) return;
    text.value = "";
    act(() => say({ type: "text", text: { body: said } }));
  } }, text, h("button", { type: "submit", class: "primary", text: "Send" }));
  const quick = h("div", { class: "quick", role: "group", "aria-label": "As the candidate" },
    button("Tap a button", () => act(() => say(reply()))),
    button("React 👍", () => act(() => say(reaction()))),
    button("Read all", () => act(() => phones.read(number))));
  const file = h("input", { type: "file" });
  const picked = field("Your file, if you want another one", file);
  const more = h("details", { class: "more" }, h("summary", { text: "Send something else" }),
    chooser({ label: "What the candidate sends", verb: "Send", groups: kinds({ mine: written, theirs: received }), run: (message) => send(message, file), extra: {
      element: picked.element,
      show: ([, , , kind]) => {
        picked.element.hidden = !kind;
        file.value = "";
      },
    } }));
  const who = h("details", { class: "more" }, h("summary", { text: "Who the candidate is" }),
    chooser({ label: "Who the candidate is", verb: "Change", groups: people, run: change }));
  const head = h("header", { class: "phone-head" },
    h("h2", { text: "Candidate's phone" }), field("Number", dial).element, field("Name", name).element);
  return { all: [head, messages, note, write, quick, more, who], dial, name, messages, note };
}

// The phone of whoever the recruiter is looking at.
function followSelection() {
  const candidate = selected()?.candidate;
  const theirs = candidate?.waId ?? candidate?.phoneNumber;
  if (theirs) choose(theirs);
}

// Whoever is dialled on the phone, for what the simulated Meta does about that person.
export const dialled = () => number;

function choose(typed) {
  const digits = typed.replace(/\D/g, "");
  if (!digits || digits === number) return;
  number = digits;
  parts.dial.value = `+${number}`;
  parts.name.value = "";
  view = { messages: [] };
  render();
  watch();
}

// Waits for changes, one request at a time, and not at all while nobody looks: a browser opens only
// six connections to one host, for all its tabs together.
async function watch() {
  watching?.abort();
  if (document.visibilityState !== "visible") return;
  const current = new AbortController();
  watching = current;
  let version;
  while (!current.signal.aborted) {
    try {
      const answer = await phones.see(number, version, current.signal);
      if (current.signal.aborted) return;
      ({ version } = answer);
      view = answer;
      render();
    } catch {
      if (current.signal.aborted) return;
      await new Promise((resume) => setTimeout(resume, PAUSE_AFTER_ERROR));
    }
  }
}

async function act(deed) {
  parts.note.hidden = true;
  try {
    await deed();
  } catch (error) {
    parts.note.textContent = error.message;
    parts.note.hidden = false;
  }
}

// To the number of the recruiter on this page; the simulated Meta would guess another one.
async function say(message) {
  const name = parts.name.value.trim();
  const phoneNumberId = store.client?.phoneNumberId;
  const { queued } = await phones.write(number, {
    ...message, ...(name ? { name } : {}), ...(phoneNumberId ? { phoneNumberId } : {}),
  });
  if (queued === false) throw new Error("Nobody receives it: the business has not connected WhatsApp.");
}

async function send(message, file) {
  const [own] = file.files;
  if (!own) await say(message);
  else await say({ ...message, file: await readFile(own) });
  file.value = "";
  return "Sent.";
}

// A change of number takes the page along.
async function change(wanted) {
  const person = await phones.change(number, wanted.path === "/preferences" ? withNumber(wanted) : wanted);
  if (wanted.path === "/number") choose(person.number);
  return "Done.";
}

function withNumber(wanted) {
  const phoneNumberId = store.client?.phoneNumberId;
  return phoneNumberId ? { ...wanted, body: { phoneNumberId, ...wanted.body } } : wanted;
}

// The candidate's own newest message that can still be changed.
function written() {
  const found = [...view.messages].reverse().find(({ direction, type, revoked }) => direction === "out" && type !== "reaction" && !revoked);
  if (!found) throw new Error("The candidate has not written anything yet.");
  return found;
}

// The newest message of the business that this can refer to.
function received(fits = () => true) {
  const found = [...view.messages].reverse().find((message) => message.direction === "in" && fits(message));
  if (!found) throw new Error("The phone has not received anything like that yet.");
  return found;
}

function reply() {
  const choices = ({ type }) => type === "template" || type === "interactive";
  const message = received(choices);
  const context = { id: message.wamid };
  const offered = message.content?.action?.buttons?.[0]?.reply;
  if (offered) return { type: "interactive", interactive: { type: "button_reply", button_reply: offered }, context };
  return { type: "button", button: { payload: "Yes, please", text: "Yes, please" }, context };
}

const reaction = () => ({ type: "reaction", reaction: { message_id: received().wamid, emoji: "👍" } });

function render() {
  if (view.name && document.activeElement !== parts.name && !parts.name.value) parts.name.value = view.name;
  // Only where the phone shows its newest message does it go on doing so.
  const atEnd = parts.messages.scrollHeight - parts.messages.scrollTop - parts.messages.clientHeight < 80;
  reconcile(parts.messages, view.messages, { key: ({ wamid }) => wamid, create, update });
  if (view.messages.length === 0) replace(parts.messages, h("li", { class: "empty", text: "Nothing on this phone yet." }));
  if (atEnd) parts.messages.scrollTop = parts.messages.scrollHeight;
}

const create = () => h("li", { class: "message" }, h("div", { class: "bubble" }));

function update(item, message) {
  const { direction, businessName, text, type, status, at, replyTo, content, edited } = message;
  const target = replyTo ?? content?.message_id;
  const quoted = target && view.messages.find(({ wamid }) => wamid === target);
  item.className = `message ${direction === "out" ? "mine" : "theirs"}`;
  replace(item.firstElementChild,
    direction === "in" ? h("span", { class: "kind", text: businessName }) : null,
    quoted ? h("blockquote", { text: quoted.text || quoted.type }) : null,
    h("p", { text: text || type }),
    h("span", { class: "foot" }, edited ? "edited " : null, h("time", { text: time(at) }), direction === "out" ? sign(status) : null));
}

function sign(status) {
  const mark = status === "sent" ? icon("one", "Sent") : icon("two", status === "read" ? "Read" : "Delivered");
  if (status === "read") mark.classList.add("status-read");
  return mark;
}
