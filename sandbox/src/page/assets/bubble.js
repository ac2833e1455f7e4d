// How one message of the API looks.

import { h, icon, replace } from "./dom.js";
import { failure } from "./words.js";
import { full, time } from "./time.js";

const STATUS = {
  QUEUED: ["clock", "Waiting to be sent"],
  SENDING: ["clock", "Being sent"],
  ACCEPTED: ["one", "Accepted by Meta"],
  SENT: ["one", "Sent"],
  DELIVERED: ["two", "Delivered"],
  READ: ["two", "Read"],
  FAILED: ["warning", "Failed"],
  UNKNOWN: ["question", "Not confirmed"],
};

// The sign for a message's progress; nothing for what came in.
export function ticks(message) {
  const known = message && message.direction === "OUTBOUND" && STATUS[message.status];
  if (!known) return null;
  const sign = icon(...known);
  sign.classList.add(`status-${message.status.toLowerCase()}`);
  return sign;
}

const NAMES = {
  image: "Photo", video: "Video", audio: "Audio", document: "Document", sticker: "Sticker",
  location: "Location", contacts: "Contact", order: "Order", system: "Notice",
  request_welcome: "Opened the chat", unsupported: "Unsupported message",
};

// The words of a message, whatever its type. Unknown types still say what they are.
export function words({ type, content }) {
  const {
    text, caption, filename, title, description, name, address, emoji, latitude, longitude, reason,
  } = content ?? {};
  switch (type) {
    case "text":
    case "template":
      return text ?? name ?? "";
    case "button":
    case "interactive":
      return title ?? text ?? description ?? content?.body?.text ?? "Choice";
    case "reaction":
      return emoji ? `Reacted ${emoji}` : "Took the reaction back";
    case "location":
      return name ?? address ?? `${latitude}, ${longitude}`;
    case "unsupported":
      return reason ? `Not supported by WhatsApp's API: ${reason}` : "Not supported by WhatsApp's API";
    default:
      return caption ?? filename ?? "";
  }
}

const MEDIA_STATES = { PENDING: "downloading", LOST: "no longer available" };

function attachment({ type, content }) {
  const { filename, mimeType, size, state } = content ?? {};
  const details = [filename, mimeType, size ? `${Math.ceil(size / 1024)} KB` : null, MEDIA_STATES[state]];
  return h("div", { class: "attachment" },
    h("strong", { text: NAMES[type] }),
    h("span", { class: "muted", text: details.filter(Boolean).join(" · ") }));
}

const MEDIA = new Set(["image", "video", "audio", "document", "sticker"]);

export function create() {
  return h("li", { class: "message" }, h("div", { class: "bubble" }));
}

// `quoted`: the message that this one answers. `reactions`: emojis put on it.
export function update(item, message, { quoted, reactions }) {
  const { direction, type, status, at, content, editedAt, revokedAt, templatePurpose } = message;
  item.className = `message ${direction === "OUTBOUND" ? "mine" : "theirs"} type-${type}`;
  const bubble = item.firstElementChild;
  bubble.classList.toggle("failed", status === "FAILED");
  const said = words(message);
  replace(bubble,
    type === "template" ? h("span", { class: "kind", text: templateKind(content, templatePurpose) }) : null,
    type === "button" || type === "interactive" ? h("span", { class: "kind", text: "Chose" }) : null,
    quoted ? h("blockquote", { text: words(quoted) || NAMES[quoted.type] }) : null,
    revokedAt ? h("em", { class: "muted", text: "The candidate deleted this message." }) : null,
    !revokedAt && MEDIA.has(type) ? attachment(message) : null,
    !revokedAt && said ? h("p", { text: said }) : null,
    !revokedAt && !said && !MEDIA.has(type) ? h("p", { class: "muted", text: NAMES[type] ?? type }) : null,
    foot(message, at, editedAt),
    status === "FAILED" ? h("p", { class: "problem", text: failure(message.error) }) : null,
    status === "UNKNOWN" ? h("p", { class: "notice", text: "Not confirmed: Meta may or may not have it." }) : null,
    reactions.length > 0 ? h("span", { class: "reactions", "aria-label": "Reactions", text: reactions.join(" ") }) : null);
}

function templateKind(content, purpose) {
  const why = { INITIATE: "First contact", REENGAGE: "Re-engagement" }[purpose];
  return [why ?? "Template", content?.name].filter(Boolean).join(" · ");
}

function foot(message, at, editedAt) {
  return h("span", { class: "foot", title: history(message) },
    editedAt ? "edited " : null,
    h("time", { datetime: at, text: time(at) }),
    ticks(message));
}

function history({ statusHistory = [], at }) {
  if (statusHistory.length === 0) return full(at);
  return statusHistory.map((step) => `${STATUS[step.status]?.[1] ?? step.status}: ${full(step.at)}`).join("\n");
}
