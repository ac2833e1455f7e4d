// The live connection. It keeps the cursor of the last event it handed on, and resumes from there.

import { address, probe } from "./api.js";

const FIRST_DELAY = 500;
const LONGEST_DELAY = 15_000;

// Closed for a reason that trying again does not change.
const FINAL = new Map([
  [4001, "Not signed in"],
  [4003, "No longer allowed"],
]);

// `handlers`: `fresh()` when everything has to be loaded, `event(event)` for each event, and
// `state(text, live)` for the person.
export function follow(handlers) {
  let cursor = null;
  let delay = FIRST_DELAY;
  let timer = 0;
  let socket = null;

  function open() {
    clearTimeout(timer);
    const resumed = cursor !== null;
    let ready = false;
    let watchdog = 0;
    let patience = 60_000;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const current = new WebSocket(`${scheme}//${location.host}${address("/api/ws", { after: cursor })}`);
    socket = current;

    // A connection can die without a word; the server's heartbeat is how we notice.
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => current.close(), patience);
    };
    alive();

    current.onmessage = ({ data }) => {
      alive();
      const frame = JSON.parse(data);
      switch (frame.type) {
        case "ready":
          ready = true;
          delay = FIRST_DELAY;
          if (frame.heartbeatSeconds) patience = frame.heartbeatSeconds * 2500;
          handlers.state("Live", true);
          // When resuming, only the events themselves move the cursor.
          if (!resumed) {
            cursor = frame.cursor;
            handlers.fresh();
          }
          break;
        case "reset":
          cursor = frame.cursor;
          handlers.fresh();
          break;
        case "heartbeat":
          cursor = frame.cursor;
          break;
        default:
          handlers.event(frame);
          if (frame.id) cursor = frame.id;
      }
    };

    current.onclose = async ({ code }) => {
      clearTimeout(watchdog);
      if (socket !== current) return;
      if (FINAL.has(code)) {
        handlers.state(FINAL.get(code), false);
        return;
      }
      handlers.state("Reconnecting…", false);
      if (!ready && resumed) await forgetRefusedCursor();
      timer = setTimeout(open, delay * (0.5 + Math.random() / 2));
      delay = Math.min(delay * 2, LONGEST_DELAY);
    };
  }

  // After the server lost its data an old cursor is refused before the upgrade, for ever.
  async function forgetRefusedCursor() {
    try {
      await probe(cursor);
    } catch (error) {
      if (error.code === "INVALID_CURSOR") cursor = null;
    }
  }

  window.addEventListener("online", () => {
    if (socket?.readyState === WebSocket.CLOSED) open();
  });
  open();
}
