// Everything that a candidate can send, as samples in Meta's own words.

const THUMB = "👍";

// `mine` and `theirs` answer the newest message of either side, or complain that there is none.
export function kinds({ mine, theirs }) {
  const original = () => ({ original_message_id: mine().wamid });
  const file = (type, more = {}, content = {}) => () => ({ type, [type]: content, file: more });
  return [
    ["Words", [
      ["Text", "Plain words", text("Hello!")],
      ["Answer to the newest message", "With a quote", () => ({ ...text("That one.")(), context: { id: theirs().wamid } })],
      ["Answer to a message nobody saw", "It quotes an id that was never here", () => ({ ...text("That one.")(), context: { id: "wamid.UNSEEN" } })],
      ["Forwarded", "From another chat", () => ({ ...text("Look at this")(), context: { forwarded: true } })],
      ["Forwarded many times", "From many chats", () => ({ ...text("Look at this")(), context: { frequently_forwarded: true } })],
      ["From an advertisement", "The first message after a click on an ad", () => ({ ...text("Is the job still free?")(), referral: {
        source_type: "ad", source_id: "120", source_url: "https://example.com/ad", headline: "Jobs", body: "Apply now", media_type: "image", ctwa_clid: "ARA1" } })],
      ["About a product", "With the product it is about", () => ({ ...text("How much?")(), context: { id: theirs().wamid, referred_product: { catalog_id: "7", product_retailer_id: "a" } } })],
      ["Edit my newest message", "It says something else afterwards", () => ({ type: "edit", edit: { ...original(), message: { type: "text", text: { body: "What I meant to say." } } } })],
      ["Delete my newest message", "It is taken back", () => ({ type: "revoke", revoke: original() })],
    ]],
    ["Files", [
      ["Photo", "A small JPEG, or your file", file("image", {}, { caption: "My portrait" }), "image"],
      ["Document", "A small PDF, or your file", file("document", { filename: "cv.pdf" }, { caption: "Here is my CV" }), "document"],
      ["Voice note", "OGG with Opus, or your file", file("audio"), "audio"],
      ["Video", "A small MP4, or your file", file("video", {}, { caption: "Me at work" }), "video"],
      ["Sticker that moves", "WebP, or your file", file("sticker", {}, { animated: true }), "sticker"],
      ["Photo that is a web page", "It says image/png and is HTML", file("image", { mimeType: "image/png", base64: btoa("<!DOCTYPE html><script>alert(1)</script>") })],
      ["Photo with another digest", "Its bytes are not what was announced", file("image", {}, { sha256: btoa("x".repeat(32)) })],
      ["Photo that is gone", "An id that leads nowhere", file("image", {}, { id: "1" })],
      ["Document beyond 100 MB", "Meta takes none of it", file("document", { bytes: 104857601 })],
    ]],
    ["Choices", [
      ["Button of a template", "A quick reply", () => ({ type: "button", button: { payload: "Yes, please", text: "Yes, please" }, context: { id: theirs().wamid } })],
      ["Button", "A reply button", interactive("button_reply", { id: "yes", title: "Yes" })],
      ["Row of a list", "One of many", interactive("list_reply", { id: "mon", title: "Monday", description: "10:00" })],
      ["Form that was filled in", "The answer of a flow", interactive("nfm_reply", { name: "flow", body: "Sent", response_json: "{\"flow_token\":\"t\",\"day\":\"monday\"}" })],
      ["Leave to call", "The answer to a request", interactive("call_permission_reply", { response: "accept", response_source: "user_action" })],
      ["Choice that Meta cannot read", "An interactive message without a body", () => ({ type: "interactive" })],
    ]],
    ["More", [
      ["Reaction", "On the newest message", () => ({ type: "reaction", reaction: { message_id: theirs().wamid, emoji: THUMB } })],
      ["Take the reaction back", "The emoji is absent", () => ({ type: "reaction", reaction: { message_id: theirs().wamid } })],
      ["Place", "With name and address", () => ({ type: "location", location: { latitude: 44.43, longitude: 26.1, name: "Station", address: "1 Main Street" } })],
      ["Somebody's card", "A contact", () => ({ type: "contacts", contacts: [{ name: { formatted_name: "Ben", first_name: "Ben" }, phones: [{ phone: "+1 650 555 0199", wa_id: "16505550199", type: "CELL" }] }] })],
      ["My own number, as asked for", "A contact on request", () => ({ type: "contacts", contacts: [{ origin: "contact_request", phones: [{ phone: "+1 650 555 0123", wa_id: "16505550123" }] }] })],
      ["Order", "From a catalogue", () => ({ type: "order", order: { catalog_id: "7", text: "Please", product_items: [{ product_retailer_id: "a", quantity: 2, item_price: 9.5, currency: "EUR" }] } })],
      ["Opened the chat", "For the first time", () => ({ type: "request_welcome" })],
      ["Poll", "Not supported", () => ({ type: "unsupported", unsupported: { type: "poll" } })],
      ["Not supported, old spelling", "Type unknown", () => ({ type: "unknown" })],
      ["A type of the future", "Nobody knows it", () => ({ type: "hologram", hologram: { depth: 3 } })],
    ]],
  ];
}

const text = (body) => () => ({ type: "text", text: { body } });
const interactive = (type, reply) => () => ({ type: "interactive", interactive: { type, [type]: reply } });

// A file of this machine, for the kinds that have one.
export function readFile(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(new Error("The file cannot be read."));
    reader.onload = () => resolve({
      base64: String(reader.result).split(",")[1] ?? "", filename: file.name, ...(file.type ? { mimeType: file.type } : {}),
    });
    reader.readAsDataURL(file);
  });
}
