// The open conversation: its head and its messages.

import { conversations } from "./api.js";
import { byId, h, reconcile, replace } from "./dom.js";
import { number, on, openThread, ordered, putConversation, putPage, select, selected, store, titleOf } from "./store.js";
import { day, dayKey } from "./time.js";
import { windowBadge } from "./inbox.js";
import * as bubble from "./bubble.js";

// Close enough to the end to be following it.
const NEAR_END = 120;

let loadingOlder = false;
// Whether new messages should come into view; a person who scrolled up is left alone.
let following = true;
// The newest message drawn: after an own one the end is shown in any case.
let newest = null;

export function start() {
  on(["selection"], () => open());
  on(["thread", "conversations", "clock", "selection"], render);
  on(["thread", "conversations", "selection"], markRead);
  document.addEventListener("visibilitychange", markRead);
  byId("older").addEventListener("click", older);
  const pane = byId("thread");
  pane.addEventListener("scroll", () => {
    following = pane.scrollHeight - pane.scrollTop - pane.clientHeight < NEAR_END;
    if (pane.scrollTop < 60) older();
  });
  // A taller composer or keyboard takes room from below.
  new ResizeObserver(stayAtEnd).observe(pane);
  render();
}

// Loads the newest messages of the selected conversation, once.
export async function open() {
  const id = store.selected;
  if (!id) return;
  if (!openThread(id)) {
    toEnd();
    return;
  }
  try {
    const [conversation, page] = await Promise.all([conversations.one(id), conversations.messages(id)]);
    putConversation(conversation);
    putPage(id, page);
    if (store.selected === id) toEnd();
  } catch (error) {
    store.threads.delete(id);
    byId("thread-note").textContent = error.message;
  }
}

async function older() {
  const id = store.selected;
  const cursor = store.threads.get(id)?.nextCursor;
  if (!cursor || loadingOlder) return;
  loadingOlder = true;
  const pane = byId("thread");
  const fromEnd = pane.scrollHeight - pane.scrollTop;
  try {
    putPage(id, await conversations.messages(id, cursor));
    render();
    // What was on the screen stays where it was.
    if (store.selected === id) pane.scrollTop = pane.scrollHeight - fromEnd;
  } catch (error) {
    byId("thread-note").textContent = error.message;
  } finally {
    loadingOlder = false;
  }
}

function toEnd() {
  following = true;
  render();
}

function stayAtEnd() {
  const pane = byId("thread");
  if (following) pane.scrollTop = pane.scrollHeight;
}

function render() {
  const conversation = selected();
  head(conversation);
  const thread = store.threads.get(store.selected);
  const { items, context } = arrange(conversation ? ordered(conversation.id) : []);
  reconcile(byId("messages"), items, {
    key: ({ key }) => key,
    create: (item) => (item.day ? h("li", { class: "day" }) : bubble.create()),
    update: (node, item) => (item.day ? (node.textContent = item.day) : bubble.update(node, item.message, context(item.message))),
  });
  byId("older").hidden = !thread?.nextCursor;
  byId("thread-note").textContent = noteFor(conversation, thread, items);
  const last = items.at(-1)?.message;
  if (last && last.id !== newest && last.direction === "OUTBOUND") following = true;
  newest = last?.id ?? null;
  stayAtEnd();
}

function noteFor(conversation, thread, items) {
  if (!conversation) return "Choose a conversation to read it here.";
  if (!thread?.loaded) return "Loading…";
  return items.length === 0 ? "No messages yet." : "";
}

// Messages with a line for each day. A reaction is shown on its message when that is here.
function arrange(messages) {
  const byWamid = new Map(messages.filter(({ wamid }) => wamid).map((message) => [message.wamid, message]));
  const known = new Map(messages.map((message) => [message.id, message]));
  const reactions = new Map();
  const items = [];
  let lastDay = "";
  for (const message of messages) {
    const target = reactionTarget(message, known, byWamid);
    if (target) {
      const given = reactions.get(target.id) ?? new Map();
      given.set(message.direction, message.content.emoji);
      reactions.set(target.id, given);
      continue;
    }
    const today = dayKey(message.at);
    if (today !== lastDay) items.push({ key: `day-${today}`, day: day(message.at) });
    lastDay = today;
    items.push({ key: message.id, message });
  }
  const context = ({ id, replyTo }) => ({
    quoted: replyTo ? known.get(replyTo) : undefined,
    reactions: [...(reactions.get(id)?.values() ?? [])].filter(Boolean),
  });
  return { items, context };
}

function reactionTarget({ type, content }, known, byWamid) {
  if (type !== "reaction") return undefined;
  return known.get(content.messageId) ?? byWamid.get(content.wamid);
}

function head(conversation) {
  const place = byId("chat-head");
  place.hidden = !conversation;
  if (!conversation) return;
  const { candidate } = conversation;
  const known = candidate.phoneNumber ?? candidate.waId;
  replace(place,
    h("button", { type: "button", class: "back quiet", "aria-label": "Back to the inbox", text: "‹", onclick: () => select(null) }),
    h("div", { class: "who" },
      h("h2", { text: titleOf(conversation) }),
      h("p", { class: "muted", text: candidate.name && known ? number(known) : candidate.username ?? "" })),
    windowBadge(conversation, true));
}

// One call for each state of a conversation, however often it is drawn.
let reading = null;
const seen = ({ id, revision }) => `${id} ${revision}`;

// What is on the screen counts as read; nothing is, while the page is in the background.
async function markRead() {
  const conversation = selected();
  const visible = document.visibilityState === "visible" && store.threads.get(conversation?.id)?.loaded;
  if (!visible || conversation.unreadCount === 0 || reading === seen(conversation)) return;
  reading = seen(conversation);
  try {
    putConversation(await conversations.read(conversation.id));
  } catch {
    // The next message or the next visit tries again.
  }
}
