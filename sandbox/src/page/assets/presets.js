// Everything that the simulated Meta can be told, as samples: rules, settings, news.

const rule = (on, action, times = 1) => () => ({
  method: "POST", path: "/graph/_script", body: { rules: [{ on, times, do: action }] },
});
const setting = (settings) => () => ({ method: "POST", path: "/graph/_script", body: { settings } });
const statuses = (...plan) => rule("status", { statuses: plan });
const file = (twist) => rule("media", { file: twist });

// `place` answers `{wabaId, phoneNumberId, to}` of whoever is on the page.
export function presets(place) {
  const news = (field, value = {}, more = {}) => () => ({
    method: "POST", path: `/graph/_accounts/${place().wabaId}/news`, body: { field, value, ...more },
  });
  const about = (field, value) => news(field, value, { template: { name: "initiate" } });
  const status = (event, more = {}) => about("message_template_status_update", { event, ...more });
  const echo = (body) => () => ({
    method: "POST", path: `/graph/_accounts/${place().wabaId}/numbers/${place().phoneNumberId}/echo`, body: { to: place().to, ...body },
  });
  const batch = (body) => () => ({ method: "POST", path: "/graph/_webhooks/batch", body });
  return [
    ["The next send", [
      ["Fails with 500", "Code 131000: nobody knows whether it went", rule("messages", { fail: { code: 131000, http: 500 } })],
      ["Is refused for good", "Code 131026", rule("messages", { fail: { code: 131026 } })],
      ["Meets a gateway's page", "HTML with 502, but it was accepted", rule("messages", { fail: { http: 502, html: true, accept: true } })],
      ["Is accepted, and the line drops", "No answer", rule("messages", { dropAfterAccept: true })],
      ["Never arrives", "The line drops before", rule("messages", { dropBefore: true })],
      ["Is answered late", "After 12 seconds", rule("messages", { delayMs: 12000 })],
      ["Is answered in broken JSON", "It was accepted", rule("messages", { malformed: true })],
      ["Is too fast for the person", "Code 131056", rule("messages", { fail: { code: 131056 } })],
      ["Is too fast for the number", "Code 130429", rule("messages", { fail: { code: 130429 } })],
      ["Needs a new token", "Code 190", rule("messages", { fail: { code: 190, subcode: 463 } })],
    ]],
    ["Statuses of the next message", [
      ["First, then the answer", "A status overtakes the answer", rule("messages", { statusBeforeAnswer: true })],
      ["Read without delivered", "The chat was open", statuses("sent", "read")],
      ["Delivered after failed", "A second device", statuses("sent", { status: "failed", code: 131026 }, { status: "delivered", afterMs: 3000 })],
      ["Sent is missing", "Delivered comes alone", statuses("delivered")],
      ["Played", "A voice note was heard", statuses("sent", "delivered", "played")],
      ["Twice, minutes apart", "Business time", statuses("sent", "delivered", { status: "delivered", afterMs: 300000 })],
      ["In another order", "Delivered before sent", rule("status", { reorder: true })],
      ["Fails afterwards", "Code 131049", rule("status", { failStatus: { code: 131049 } })],
      ["Old words", "warning and deleted", statuses("sent", "warning", "deleted")],
      ["Held back", "Until it behaves again", rule("status", { holdStatuses: true })],
    ]],
    ["Webhooks", [
      ["Twice, the next ten", "Each delivery comes twice", rule("webhook", { duplicate: 2 }, 10)],
      ["Bad neighbour in the next", "An element nobody can read", rule("webhook", { malformed: true })],
      ["Another order, the next", "A later one goes first", rule("webhook", { reorder: true })],
      ["Ours did not hear it", "Delivered, and taken as refused", rule("webhook", { dropAfterAccept: true })],
      ["Hold all", "They wait", setting({ webhooks: "off" })],
      ["Let them go", "One by one", setting({ webhooks: "on", batch: 1 })],
      ["Let them go in batches", "Up to 100 together", setting({ webhooks: "on", batch: 100 })],
      ["As of version 23", "Statuses have conversations", setting({ webhookVersion: 23 })],
      ["As of version 25", "They have none", setting({ webhookVersion: 25 })],
      ["1,000 updates at once", "2.9 MB, one broken, one of an unknown type", batch({ updates: 1000, bytes: 2900000, malformed: 1, unknown: 1 })],
    ]],
    ["Files", [
      ["503 at the download", "For the next five", rule("media", { fail: { http: 503, html: true } }, 5)],
      ["Lookup fails", "Code 2, once", rule("lookup", { fail: { code: 2 } })],
      ["Address is over at once", "404 at the download", rule("lookup", { file: "expired" })],
      ["Other bytes", "The digest is wrong", file("wrongDigest")],
      ["A web page", "Under the type of the file", file("lyingType")],
      ["Half of it", "Then the line breaks", file("truncated")],
      ["Slowly", "In 20 seconds", file({ slowMs: 20000 })],
      ["Far too much", "300 MB without a length", file({ oversize: 300000000 })],
      ["Led to an inner address", "302 to 169.254.169.254", file({ redirect: "http://169.254.169.254/latest/meta-data/" })],
      ["Lookup of an inner address", "Instead of Meta's", rule("lookup", { file: { redirect: "http://127.0.0.1:1/" } })],
    ]],
    ["Limits", [
      ["One new person a day", "For all numbers of a portfolio: 131048", setting({ portfolioLimit: 1 })],
      ["As many as wanted", "No limit", setting({ portfolioLimit: 0 })],
      ["Closed windows refuse at once", "400 instead of a status", setting({ windowSync: "on" })],
      ["Closed windows fail afterwards", "As usual", setting({ windowSync: "off" })],
      ["No rates", "131056 and 130429 never come", setting({ limits: "off" })],
      ["Rates", "As usual", setting({ limits: "on" })],
    ]],
    ["Templates", [
      ["Paused", "For its quality", status("PAUSED", { other_info: { title: "FIRST_PAUSE" } })],
      ["Approved", "It may go", status("APPROVED")],
      ["Rejected", "With a reason", status("REJECTED", { reason: "INVALID_FORMAT" })],
      ["Disabled", "For good", status("DISABLED")],
      ["Quality is red", "Before it is paused", about("message_template_quality_update", { new_quality_score: "RED" })],
      ["Category will change", "new_category is the current one", about("template_category_update", { correct_category: "UTILITY" })],
      ["Category has changed", "To utility", about("template_category_update", { new_category: "UTILITY" })],
      ["Other words", "Its body was edited", about("message_template_components_update", { message_template_element: "Hello {{1}}, shall we talk?" })],
    ]],
    ["Account and number", [
      ["Restriction", "No first messages", news("account_update", { event: "ACCOUNT_RESTRICTION" })],
      ["Ban", "Nothing can be sent", news("account_update", { event: "DISABLED_UPDATE" })],
      ["Ban is over", "Everything can", news("account_update", { event: "DISABLED_UPDATE", ban_info: { waba_ban_state: "REINSTATE" } })],
      ["Violation", "Of a policy", news("account_update", { event: "ACCOUNT_VIOLATION" })],
      ["Partner added", "Addressed to our own portfolio", news("account_update", { event: "PARTNER_ADDED" })],
      ["Limit of the number", "Quality update", news("phone_number_quality_update", { event: "THROUGHPUT_UPGRADE", current_limit: "TIER_UNLIMITED" })],
      ["Name was approved", "Another display name", news("phone_number_name_update", { requested_verified_name: "New Name" })],
      ["Capabilities", "More people a day", news("business_capability_update")],
      ["Alert", "Of the account", news("account_alerts")],
      ["Review", "Of the account", news("account_review_update", { decision: "REJECTED" })],
      ["PIN was changed", "Security", news("security")],
      ["A field of the future", "Nobody knows it", news("seances", { ghosts: [1] })],
    ]],
    ["The business's own phone", [
      ["Writes", "An echo: outbound, opens no window", echo({ type: "text", text: { body: "From the shop's phone." }, statuses: true })],
      ["Sends a document", "An echo with a file", echo({ type: "document", document: { caption: "Contract" }, file: {} })],
    ]],
  ];
}
