// The simulated Meta's controls: its clock, and how it misbehaves.

import { meta } from "./api.js";
import { button, byId, h, replace } from "./dom.js";
import { changed } from "./store.js";
import { clock, now, setOffset } from "./time.js";

const CLOCK_EVERY = 10_000;

const PRESETS = [
  ["Fail the next send", "Meta answers 500 with code 131000, once", { on: "messages", times: 1, do: { fail: { code: 131000, http: 500 } } }],
  ["Refuse the next send", "Meta refuses for good with code 131026, once", { on: "messages", times: 1, do: { fail: { code: 131026 } } }],
  ["Drop after accepting", "Meta accepts the next send and hangs up without an answer", { on: "messages", times: 1, do: { dropAfterAccept: true } }],
  ["Duplicate webhooks", "The next ten webhooks come twice", { on: "webhook", times: 10, do: { duplicate: 2 } }],
];

let parts = null;

export function start() {
  parts = { clock: h("output", { class: "clock" }), rules: h("p", { class: "muted" }), note: h("p", { class: "problem", role: "alert", hidden: true }) };
  replace(byId("meta"),
    h("h2", { text: "Meta" }),
    h("p", { class: "clock-line" }, h("span", { class: "muted", text: "Clock" }), parts.clock),
    h("div", { class: "quick", role: "group", "aria-label": "Move the clock" },
      button("+1 h", () => act(() => advance("1h"))),
      button("+25 h", () => act(() => advance("25h")))),
    h("h3", { text: "Misbehave" }),
    h("div", { class: "quick", role: "group", "aria-label": "Misbehave" },
      PRESETS.map(([label, title, rule]) => preset(label, title, rule)),
      button("Behave again", () => act(behave))),
    parts.rules,
    parts.note);
  sync();
  setInterval(sync, CLOCK_EVERY);
  setInterval(showClock, 1000);
  document.addEventListener("visibilitychange", sync);
}

function preset(label, title, rule) {
  const element = button(label, () => act(async () => {
    await meta.misbehave(rule);
    parts.rules.textContent = `${title}.`;
  }));
  element.title = title;
  return element;
}

async function behave() {
  await meta.behave();
  parts.rules.textContent = "";
}

async function advance(by) {
  take(await meta.advance(by));
}

// Somebody else may move the clock too: another tab, a script.
async function sync() {
  if (document.visibilityState !== "visible") return;
  try {
    take(await meta.clock());
  } catch {
    // The live line already says when the sandbox is away.
  }
}

function take({ offsetMs }) {
  if (setOffset(offsetMs)) changed("clock");
  showClock();
}

function showClock() {
  parts.clock.textContent = clock(now());
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
