// Who the candidate is, and how that changes: calls to the simulated phone, as samples.

// Nobody has it yet, most likely.
const another = () => `+1650555${String(Math.floor(Math.random() * 10_000)).padStart(4, "0")}`;

const known = (body) => () => ({ method: "PATCH", path: "", body });
const call = (path, body = {}) => () => ({ method: "POST", path, body });
const move = (more = {}) => () => ({ method: "POST", path: "/number", body: { to: another(), ...more } });

export const people = [
  ["Known as", [
    ["Number", "As everybody once was", known({ username: null, hidden: false, disguised: false, parent: false })],
    ["User name, number hidden", "Keys of the number are left out", known({ username: "ana.m", hidden: true, disguised: false })],
    ["Number and user name", "With an @ in front, as some are", known({ username: "@ana.m", hidden: false })],
    ["User id in place of the number", "In from and wa_id", known({ disguised: true })],
    ["Parent user id too", "Shared by linked portfolios", known({ parent: true })],
  ]],
  ["Changes", [
    ["Another number", "New user ids; the old number is free", move()],
    ["Another number, old spelling", "customer_changed_number", move({ as: "customer_changed_number" })],
    ["New user ids alone", "The number stays", call("/user-id")],
    ["Identity changed, old spelling", "customer_identity_changed", call("/user-id", { as: "customer_identity_changed" })],
  ]],
  ["Wishes", [
    ["No more marketing", "Templates of marketing fail from now on", call("/preferences", { marketing: "stop" })],
    ["Marketing again", "They may go again", call("/preferences", { marketing: "resume" })],
  ]],
];
