// The state of the recruiter's WhatsApp connection, and the way to make one.

import { clients, meta } from "./api.js";
import { button, byId, h, replace } from "./dom.js";
import { number, on, putClient, store } from "./store.js";
import { loadTemplates } from "./template.js";

const STATES = {
  PENDING: "WhatsApp is not connected yet.",
  TOKEN_EXPIRED: "Meta no longer accepts the access. Reconnect to go on.",
  RESTRICTED: "Meta has restricted the number or its permissions.",
  DISCONNECTED: "WhatsApp is disconnected. The history stays readable.",
};

let busy = false;
let problem = "";

export function start() {
  on(["client"], render);
  render();
}

function render() {
  const { client } = store;
  const banner = byId("banner");
  banner.hidden = client === undefined;
  banner.dataset.status = client?.status ?? "NONE";
  if (client?.status === "CONNECTED") {
    replace(banner, identity(client));
    return;
  }
  const connect = button(busy ? "Connecting…" : client ? "Reconnect" : "Connect WhatsApp", run, "primary");
  connect.disabled = busy;
  replace(
    banner,
    h("p", { text: STATES[client?.status] ?? "Connect the sandbox's WhatsApp number to write to candidates." }),
    connect,
    problem ? h("p", { class: "problem", role: "alert", text: problem }) : null,
  );
}

function identity({ displayPhoneNumber, verifiedName, qualityRating }) {
  const shown = displayPhoneNumber ? number(displayPhoneNumber) : "";
  return h("p", { class: "connected" },
    h("span", { class: "dot", "aria-hidden": "true" }),
    h("strong", { text: verifiedName || "Connected" }),
    h("span", { text: shown }),
    h("span", { class: "muted", text: qualityRating && qualityRating !== "UNKNOWN" ? `Quality ${qualityRating.toLowerCase()}` : "Connected" }));
}

async function run() {
  busy = true;
  problem = "";
  render();
  try {
    putClient(await connectSomeNumber());
    await loadTemplates();
  } catch (error) {
    problem = error.message;
  }
  busy = false;
  render();
}

// The sandbox's own number has one owner; a second recruiter gets a number of his own.
async function connectSomeNumber() {
  try {
    return await clients.connect(store.account);
  } catch (error) {
    if (error.code !== "PHONE_NUMBER_ALREADY_CONNECTED") throw error;
    return clients.connect(await meta.newAccount());
  }
}
