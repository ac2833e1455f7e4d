// What the page knows. Every fact enters here, whether it was listed or came as an event, and a
// fact with a lower revision than the one we have is ignored: so the order of answers is no matter.

import { now } from "./time.js";

export const store = {
  account: null,
  // Undefined until the first answer, null when there is none.
  client: undefined,
  templates: [],
  conversations: new Map(),
  // Messages by conversation, for those that were opened; see `openThread`.
  threads: new Map(),
  selected: null,
  // `found`: ids that a search answered, or null when nothing is searched.
  list: { search: "", found: null, nextCursor: null, loaded: false },
};

const listeners = new Map();
const pending = new Set();

// Topics: client, conversations, thread, selection, templates, clock.
export function on(topics, listener) {
  for (const topic of topics) {
    if (!listeners.has(topic)) listeners.set(topic, new Set());
    listeners.get(topic).add(listener);
  }
}

// Tells the listeners, once per turn however many facts arrived in it.
export function changed(topic) {
  if (pending.size === 0) queueMicrotask(flush);
  pending.add(topic);
}

function flush() {
  const due = new Set([...pending].flatMap((topic) => [...(listeners.get(topic) ?? [])]));
  pending.clear();
  for (const listener of due) listener();
}

const isOlder = (fact, known) => known && (fact.revision ?? 0) < (known.revision ?? 0);

export function putClient(client) {
  if (client && store.client?.id === client.id && isOlder(client, store.client)) return;
  store.client = client;
  changed("client");
}

export function putTemplates(templates) {
  const same = templates.map(({ id }) => id).join() === store.templates.map(({ id }) => id).join();
  store.templates = templates;
  if (!same) changed("templates");
}

export function putTemplate(template) {
  const others = store.templates.filter(({ id }) => id !== template.id);
  store.templates = template.status === "APPROVED" ? [...others, template] : others;
  changed("templates");
}

export function putConversation(conversation) {
  const known = store.conversations.get(conversation.id);
  if (isOlder(conversation, known)) return;
  if (conversation.deleted || conversation.hidden) forget(conversation.id);
  else store.conversations.set(conversation.id, conversation);
  changed("conversations");
}

function forget(id) {
  store.conversations.delete(id);
  store.threads.delete(id);
  if (store.selected === id) select(null);
}

export function putMessage(message) {
  const thread = store.threads.get(message.conversationId);
  if (!thread) return;
  const known = thread.messages.get(message.id);
  if (isOlder(message, known)) return;
  // Older than what was loaded: it would stand there as if nothing lay between.
  if (!known && thread.nextCursor && message.at < oldestAt(thread)) return;
  thread.messages.set(message.id, message);
  changed("thread");
}

// Before the first page is asked for, so that no event is lost between the question and the answer.
export function openThread(id) {
  if (store.threads.has(id)) return false;
  store.threads.set(id, { messages: new Map(), nextCursor: null, loaded: false, early: [] });
  return true;
}

export function putPage(id, { data, nextCursor }) {
  const thread = store.threads.get(id);
  if (!thread) return;
  for (const message of data) {
    if (!isOlder(message, thread.messages.get(message.id))) thread.messages.set(message.id, message);
  }
  thread.nextCursor = nextCursor;
  thread.loaded = true;
  thread.early.splice(0).forEach(putStatus);
  changed("thread");
}

const oldestAt = ({ messages }) =>
  [...messages.values()].reduce((oldest, { at }) => (at < oldest ? at : oldest), "9999");

const RANK = { QUEUED: 0, SENDING: 1, UNKNOWN: 2, FAILED: 3, ACCEPTED: 3, SENT: 4, DELIVERED: 5, READ: 6 };

// Before Meta accepted it a message may go back to the queue; after that it only advances.
const advances = (from, to) => (RANK[from] < RANK.ACCEPTED ? true : RANK[to] >= RANK[from]);

export function putStatus(event) {
  const { conversationId, messageId, wamid, status, at, error = null } = event;
  const thread = store.threads.get(conversationId);
  const message = thread?.messages.get(messageId);
  if (message && advances(message.status, status)) {
    const statusHistory = [...(message.statusHistory ?? []), { status, at, error }];
    const failed = status === "FAILED" ? error : null;
    thread.messages.set(messageId, {
      ...message, status, statusHistory, wamid: wamid ?? message.wamid, error: failed,
    });
    changed("thread");
  } else if (thread && !thread.loaded) {
    thread.early.push(event);
  }
  const conversation = store.conversations.get(conversationId);
  const last = conversation?.lastMessage;
  if (last?.id === messageId && advances(last.status, status)) {
    store.conversations.set(conversationId, { ...conversation, lastMessage: { ...last, status } });
    changed("conversations");
  }
}

export function select(id) {
  store.selected = id;
  changed("selection");
}

export const selected = () => store.conversations.get(store.selected) ?? null;

// Newest activity first; while searching, only what was found.
export function listed() {
  const { found } = store.list;
  return [...store.conversations.values()]
    .filter(({ id }) => !found || found.has(id))
    .sort((a, b) => compare(b.lastMessageAt ?? "", a.lastMessageAt ?? "") || compare(b.id, a.id));
}

// By time, then by arrival: ids are made in order.
export function ordered(id) {
  const thread = store.threads.get(id);
  if (!thread) return [];
  return [...thread.messages.values()].sort((a, b) => compare(a.at, b.at) || compare(a.createdAt, b.createdAt) || compare(a.id, b.id));
}

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

// Whether text may be written, by our own count between two answers of the server.
export const windowOpen = (conversation) =>
  Boolean(conversation?.windowExpiresAt) && new Date(conversation.windowExpiresAt).getTime() > now();

export const titleOf = ({ candidate }) =>
  candidate.name || (candidate.phoneNumber ? number(candidate.phoneNumber) : candidate.username || candidate.waId || "Candidate");

export const number = (digits) => (digits.startsWith("+") ? digits : `+${digits}`);
