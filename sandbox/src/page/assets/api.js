// HTTP: the public API, and the simulated Meta's own controls.

import { explain } from "./words.js";

// A send waits up to 10 seconds for Meta's answer.
const PATIENCE = 15_000;

let identity = null;

// Every call names the recruiter itself: the cookie is shared by all tabs, and two tabs may be two
// people.
export function actAs({ email, role }) {
  identity = { as: email, role };
}

export class ApiError extends Error {
  constructor({ status = 0, name = "NO_ANSWER", detail, fields, meta }) {
    super(explain({ name, detail, fields, meta }));
    this.status = status;
    this.code = name;
  }

  // Nobody knows whether the server did it.
  get unanswered() {
    return this.status === 0;
  }
}

export function address(path, query = {}) {
  const ours = path.startsWith("/api/") ? identity : null;
  const entries = Object.entries({ ...query, ...ours }).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(entries).toString();
  return text ? `${path}?${text}` : path;
}

export async function call(method, path, { query, body, key, signal } = {}) {
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (key) headers["idempotency-key"] = key;
  let response;
  try {
    response = await fetch(address(path, query), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ?? AbortSignal.timeout(PATIENCE),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError({});
  }
  const answer = await json(response);
  if (!response.ok) throw failed(response.status, answer);
  return answer;
}

async function json(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

// Ours is problem+json; the Graph answers in Meta's shape, the sandbox's controls in one sentence.
function failed(status, answer) {
  const said = answer?.error ?? {};
  const error = typeof said === "string" ? { message: said } : said;
  return new ApiError({
    status,
    name: error.name ?? `HTTP_${status}`,
    detail: error.details ?? answer?.detail ?? error.message ?? `The server answered ${status}.`,
    fields: answer?.errors,
    meta: error.meta,
  });
}

const id = encodeURIComponent;

export const info = (query) => call("GET", "/sandbox/info", { query });

export const clients = {
  me: () => call("GET", "/api/clients/me").catch((error) => {
    if (error.code === "CLIENT_NOT_FOUND") return null;
    throw error;
  }),
  connect: ({ phoneNumberId, wabaId, accessToken }) =>
    call("POST", "/api/clients", { body: { phoneNumberId, wabaId, accessToken } }),
};

export const conversations = {
  list: (query) => call("GET", "/api/conversations", { query: { limit: 50, ...query } }),
  one: (conversation) => call("GET", `/api/conversations/${id(conversation)}`),
  messages: (conversation, cursor) =>
    call("GET", `/api/conversations/${id(conversation)}/messages`, { query: { limit: 50, cursor } }),
  read: (conversation) => call("PATCH", `/api/conversations/${id(conversation)}/read`),
  window: (conversation) => call("GET", `/api/conversations/${id(conversation)}/window`),
};

export const templates = () =>
  call("GET", "/api/templates", { query: { status: "APPROVED", limit: 100 } });

export const send = (kind, body, key) => call("POST", `/api/messages/${kind}`, { body, key });

// Asks whether a cursor is still good: the browser hides why a WebSocket was refused.
export const probe = (after) => call("GET", "/api/events", { query: { after, limit: 1 } });

export const phones = {
  see: (number, after, signal) => call("GET", `/phone/${id(number)}`, { query: { after }, signal }),
  write: (number, message) => call("POST", `/phone/${id(number)}/messages`, { body: message }),
  read: (number) => call("POST", `/phone/${id(number)}/read`),
  change: (number, { method, path, body }) => call(method, `/phone/${id(number)}${path}`, { body }),
};

export const meta = {
  clock: () => call("GET", "/graph/_clock"),
  advance: (by) => call("POST", "/graph/_clock", { body: { advance: by } }),
  script: () => call("GET", "/graph/_script"),
  tell: ({ method, path, body }) => call(method, path, { body }),
  behave: () => call("DELETE", "/graph/_script"),
  newAccount: () => call("POST", "/graph/_accounts", { body: {} }),
};
