// Starts the page: who am I, then the live connection, then what it tells.

import * as api from "./api.js";
import { announce, byId } from "./dom.js";
import { follow } from "./socket.js";
import { changed, on, putClient, putConversation, putMessage, putStatus, putTemplate, store, titleOf } from "./store.js";
import * as composer from "./composer.js";
import * as connect from "./connect.js";
import * as inbox from "./inbox.js";
import * as meta from "./meta.js";
import * as phone from "./phone.js";
import { loadTemplates } from "./template.js";
import * as thread from "./thread.js";

function apply({ type, data }) {
  switch (type) {
    case "message:incoming":
      announce(`New message from ${titleOf(data.conversation)}: ${data.conversation.lastMessage?.preview ?? ""}`);
      putConversation(data.conversation);
      putMessage(data.message);
      break;
    case "message:sent":
    case "message:updated":
      putConversation(data.conversation);
      putMessage(data.message);
      break;
    case "message:status":
      putStatus(data);
      break;
    case "conversation:updated":
      putConversation(data.conversation);
      break;
    case "client:updated":
      putClient(data.client);
      break;
    case "template:updated":
      putTemplate(data.template);
      break;
    default:
      // Typing and presence are not shown; later types must not break an open page.
  }
}

// Everything from the beginning: at the first connection, and when events were missed for good.
async function load() {
  const [client] = await Promise.all([api.clients.me(), loadTemplates()]);
  store.client = null;
  putClient(client);
  store.conversations.clear();
  store.threads.clear();
  await inbox.load();
  await thread.open();
}

function showState(text, live) {
  const place = byId("live");
  place.textContent = text;
  place.classList.toggle("on", live);
}

function panes() {
  const show = (pane) => {
    document.body.dataset.pane = pane;
    for (const tab of document.querySelectorAll("[data-tab]")) {
      tab.setAttribute("aria-pressed", String(tab.dataset.tab === pane));
    }
  };
  for (const tab of document.querySelectorAll("[data-tab]")) {
    tab.addEventListener("click", () => show(tab.dataset.tab));
  }
  on(["selection"], () => show(store.selected ? "chat" : "inbox"));
  show("inbox");
}

async function start() {
  const asked = new URLSearchParams(location.search);
  const info = await api.info({ as: asked.get("as"), role: asked.get("role") });
  api.actAs(info.as);
  store.account = info.account;
  byId("as").value = info.as.email;

  panes();
  for (const part of [connect, inbox, thread, composer, phone, meta]) part.start();
  // Countdowns move by themselves.
  setInterval(() => changed("clock"), 15_000);

  follow({
    state: showState,
    event: apply,
    fresh: () => load().catch((error) => inbox.note(error.message)),
  });
}

start().catch((error) => showState(error.message, false));
