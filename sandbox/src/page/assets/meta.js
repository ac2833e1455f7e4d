// The simulated Meta's controls: its clock, and how it misbehaves.

import { meta } from "./api.js";
import { chooser } from "./chooser.js";
import { button, byId, h, replace } from "./dom.js";
import { dialled } from "./phone.js";
import { presets } from "./presets.js";
import { changed, store } from "./store.js";
import { clock, now, setOffset } from "./time.js";

const CLOCK_EVERY = 10_000;

let parts = null;

export function start() {
  parts = { clock: h("output", { class: "clock" }), rules: h("p", { class: "muted" }), note: h("p", { class: "problem", role: "alert", hidden: true }) };
  replace(byId("meta"),
    h("h2", { text: "Meta" }),
    h("p", { class: "clock-line" }, h("span", { class: "muted", text: "Clock" }), parts.clock),
    h("div", { class: "quick", role: "group", "aria-label": "Move the clock" },
      button("+1 h", () => act(() => advance("1h"))),
      button("+25 h", () => act(() => advance("25h")))),
    h("h3", { text: "What happens next" }),
    chooser({ label: "What Meta does", verb: "Do it", groups: presets(place), run: tell }),
    h("p", { class: "clock-line" }, parts.rules, button("Behave again", () => act(behave))),
    parts.note);
  sync();
  setInterval(sync, CLOCK_EVERY);
  setInterval(showClock, 1000);
  document.addEventListener("visibilitychange", sync);
}

// The recruiter's own account at Meta, or the one of the sandbox; and the candidate on the phone.
function place() {
  const { wabaId, phoneNumberId } = store.client ?? store.account ?? {};
  return { wabaId, phoneNumberId, to: dialled() };
}

async function tell(wanted) {
  const answer = await meta.tell(wanted);
  await showRules();
  return answer?.rules ? "Done." : answer;
}

async function showRules() {
  const { rules } = await meta.script();
  const waiting = rules.filter(({ times, hits }) => !times || hits < times).length;
  const lines = ["No rules are waiting.", "One rule is waiting."];
  parts.rules.textContent = lines[waiting] ?? `${waiting} rules are waiting.`;
}

async function behave() {
  await meta.behave();
  await showRules();
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
