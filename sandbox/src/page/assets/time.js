// Business time: the wall clock plus what the simulated Meta's clock was advanced by. Windows and
// message times are business time, so the page has to count in it too.

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CLOSING = 2 * HOUR;

let offset = 0;

export const now = () => Date.now() + offset;

// Answers whether the clock moved noticeably.
export function setOffset(milliseconds) {
  const moved = Math.abs(milliseconds - offset) > 1000;
  offset = milliseconds;
  return moved;
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const WEEKDAY = new Intl.DateTimeFormat(undefined, { weekday: "long" });
const DATE = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const CLOCK = new Intl.DateTimeFormat(undefined, {
  weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit",
});
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

const midnight = (at) => new Date(at).setHours(0, 0, 0, 0);
const daysAgo = (at) => Math.round((midnight(now()) - midnight(at)) / DAY);

export const time = (at) => TIME.format(new Date(at));
export const clock = (at) => CLOCK.format(new Date(at));
export const full = (at) => FULL.format(new Date(at));
export const dayKey = (at) => String(midnight(at));

export function day(at) {
  const days = daysAgo(at);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return days > 1 && days < 7 ? WEEKDAY.format(new Date(at)) : DATE.format(new Date(at));
}

// For lists: the time today, the day before that.
export const when = (at) => (daysAgo(at) === 0 ? time(at) : day(at));

function span(milliseconds) {
  const minutes = Math.max(1, Math.ceil(milliseconds / 60_000));
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

// What a window that ends at `expiresAt` looks like at this moment.
export function windowAt(expiresAt) {
  const left = expiresAt ? new Date(expiresAt).getTime() - now() : 0;
  if (left <= 0) return { state: "closed", open: false, short: "closed", long: "Window closed" };
  const text = span(left);
  const state = left < CLOSING ? "closing" : "open";
  return { state, open: true, short: text, long: `Open for ${text}` };
}
