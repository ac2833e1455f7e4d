// The list of conversations.

import { conversations } from "./api.js";
import { byId, h, reconcile, replace } from "./dom.js";
import { changed, listed, on, putConversation, select, store, titleOf } from "./store.js";
import { ticks } from "./bubble.js";
import { when, windowAt } from "./time.js";
import * as starting from "./start.js";

const TYPING_PAUSE = 250;

export function start() {
  const search = byId("search");
  let timer = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => find(search.value.trim()), TYPING_PAUSE);
  });
  byId("more").addEventListener("click", () => page(store.list.nextCursor).catch((error) => note(error.message)));
  byId("new-conversation").addEventListener("click", starting.open);
  byId("conversations").addEventListener("keydown", move);
  byId("identity").addEventListener("change", ({ currentTarget }) => currentTarget.requestSubmit());
  on(["conversations", "selection", "clock", "client"], render);
}

export async function load() {
  store.list.loaded = false;
  await page(null);
}

async function find(text) {
  store.list.search = text;
  try {
    await page(null);
  } catch (error) {
    note(error.message);
  }
}

// One page of the list, or of what a search finds.
async function page(cursor) {
  const { search } = store.list;
  const { data, nextCursor } = await conversations.list({ cursor, search });
  // Another search was typed while this one was answered.
  if (search !== store.list.search) return;
  const found = cursor && store.list.found ? store.list.found : new Set();
  for (const conversation of data) {
    found.add(conversation.id);
    putConversation(conversation);
  }
  Object.assign(store.list, { found: search ? found : null, nextCursor, loaded: true });
  changed("conversations");
}

export function note(text) {
  byId("inbox-note").textContent = text;
}

function render() {
  const items = listed();
  reconcile(byId("conversations"), items, { key: ({ id }) => id, create, update });
  byId("more").hidden = !store.list.nextCursor;
  const unread = items.reduce((sum, { unreadCount }) => sum + unreadCount, 0);
  document.title = unread > 0 ? `(${unread}) Inbox` : "Inbox";
  if (store.list.loaded) note(items.length > 0 ? "" : emptyText());
}

function emptyText() {
  if (store.list.search) return "Nobody by that name or number.";
  if (store.client?.status !== "CONNECTED") return "No conversations yet.";
  return "No conversations yet. Start one, or write from the candidate's phone.";
}

function create({ id }) {
  const row = h("button", { type: "button", class: "row", onclick: () => select(id) },
    h("span", { class: "name" }), h("span", { class: "at" }),
    h("span", { class: "preview" }), h("span", { class: "marks" }));
  return h("li", {}, row);
}

function update(item, conversation) {
  const row = item.firstElementChild;
  const [name, at, preview, marks] = row.children;
  const { lastMessage, lastMessageAt, unreadCount } = conversation;
  row.setAttribute("aria-current", String(conversation.id === store.selected));
  row.classList.toggle("unread", unreadCount > 0);
  name.textContent = titleOf(conversation);
  at.textContent = lastMessageAt ? when(lastMessageAt) : "";
  replace(preview, ticks(lastMessage), h("span", { text: lastMessage?.preview ?? "No messages yet" }));
  replace(marks, windowBadge(conversation), unreadBadge(unreadCount));
}

export function windowBadge({ windowExpiresAt }, long = false) {
  const window = windowAt(windowExpiresAt);
  const title = window.open ? "Time left to write freely" : "Only a template can be sent";
  return h("span", { class: `window ${window.state}`, title, text: long ? window.long : window.short });
}

function unreadBadge(count) {
  if (count === 0) return null;
  return h("span", { class: "badge", text: String(count), "aria-label": `${count} unread` });
}

// Arrow keys walk the list.
function move(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const rows = [...byId("conversations").querySelectorAll(".row")];
  const next = rows[rows.indexOf(document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
