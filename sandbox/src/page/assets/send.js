// Sending, so that a person may press the button twice and the candidate still gets one message.

import { conversations, send } from "./api.js";
import { putConversation, putMessage } from "./store.js";

// Prepares one message; calling the result again repeats the same request under the same key.
export function attempt(kind, body) {
  const key = crypto.randomUUID();
  return async () => {
    try {
      const message = await send(kind, body, key);
      putMessage(message);
      return message;
    } catch (error) {
      // The rules changed since the page last looked: look again, so that the right form shows.
      const stale = error.code === "WINDOW_CLOSED" || error.code === "WINDOW_OPEN";
      if (stale && body.conversationId) await refresh(body.conversationId);
      throw error;
    }
  };
}

async function refresh(id) {
  try {
    putConversation(await conversations.one(id));
  } catch {
    // The first error is the one to show.
  }
}
