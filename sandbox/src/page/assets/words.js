// What the error names mean to the person in front of the page.

const WORDS = {
  WINDOW_CLOSED: "The candidate last wrote more than 24 hours ago. Send a template instead.",
  WINDOW_OPEN: "The candidate wrote within 24 hours. Just write a text, no template is needed.",
  CLIENT_NOT_FOUND: "WhatsApp is not connected yet. Connect it first.",
  CLIENT_NOT_CONNECTED: "The WhatsApp connection of this conversation is not active. Reconnect to write.",
  CLIENT_ALREADY_EXISTS: "WhatsApp is already connected.",
  PHONE_NUMBER_ALREADY_CONNECTED: "Another recruiter has connected this number.",
  CONVERSATION_NOT_FOUND: "This conversation no longer exists.",
  MESSAGE_NOT_FOUND: "This message no longer exists.",
  TEMPLATE_NOT_CONFIGURED: "No template fits yet. Choose one, or give a template this purpose.",
  TEMPLATE_NOT_APPROVED: "Meta has not approved this template.",
  TEMPLATE_NOT_FOUND: "This template no longer exists.",
  TEMPLATE_PARAMETERS_INVALID: "The template's variables are not filled in correctly.",
  CANDIDATE_OPTED_OUT: "The candidate asked not to be contacted.",
  IDEMPOTENCY_KEY_REUSED: "This message was already sent with another content.",
  SEND_EXPIRED: "It waited more than 24 hours and was given up.",
  RATE_LIMITED: "Too many requests. Wait a moment and try again.",
  META_UNAVAILABLE: "Meta does not answer at the moment. Try again.",
  SERVICE_UNAVAILABLE: "The service is busy or starting. Try again.",
  TIMEOUT: "The answer took too long.",
  UNEXPECTED_ERROR: "Something went wrong on our side.",
  NOT_REQUIRED_ROLE: "This role may not use the inbox.",
  INVALID_ROLE: "This role is not known.",
  INVALID_EMAIL_FORMAT: "The recruiter's address is not an email address.",
  UNTRUSTED_GATEWAY: "The edge does not trust this address.",
  ORIGIN_NOT_ALLOWED: "The edge does not accept calls from this page's address.",
  NO_ANSWER: "No answer. It is safe to try again: the same message is never sent twice.",
};

// One sentence, and what Meta or the validation said in addition.
export function explain({ name, detail, fields = [], meta = null }) {
  if (fields.length > 0) return fields.map(({ field, message }) => `${field}: ${message}`).join(". ");
  if (name === "META_REJECTED") {
    const code = meta?.code ? ` (${meta.code})` : "";
    return `Meta refused it${code}: ${meta?.details ?? detail ?? "no reason given"}`;
  }
  return WORDS[name] ?? detail ?? name ?? "Something went wrong.";
}

// Why one message failed, from its `error` object.
export function failure(error) {
  if (!error) return "Not delivered";
  const code = error.code ? ` (${error.code})` : "";
  return `${WORDS[error.name] ?? error.details ?? error.name ?? "Not delivered"}${code}`;
}
