// Reports as a real gateway wrote them, for tests; `changes` make others of them.

const ok = (check: string, says: string) => ({ check, result: "ok", says });
const notReached = (check: string) => ({ check, result: "not_reached" });

export function accepted(changes: object = {}): object {
  return {
    id: "j4thwc59-ekmu5z9h", source: "parcels", provider: "standard-webhooks", received: "2026-11-26T12:36:52.919Z", outcome: "accepted",
    status: 202, took_ms: 8.746, method: "POST", secret: "parcels", bytes: 98,
    checks: [
      ok("header", "found in the header webhook-signature"), ok("time", "sent within 5 min of this clock"), ok("signature", "it fits, signed: {header:webhook-id}.{ts}.{body} (146 bytes)"),
      ok("id", "one event"), ok("rule", "let through"), ok("append", "in the log at z0ib6lq5:5"),
    ],
    events: [{ id: "0a7509c9", type: "moved", topic: "parcels/HC-70305/moved", outcome: "accepted", position: "z0ib6lq5:5" }],
    events_total: 1, left_out: 0,
    ...changes,
  };
}

export function refused(changes: object = {}): object {
  const says = "no secret of this source fits, signed: {body} (313 bytes): another secret, or a body that was changed on its way";
  return {
    id: "j4thwc59-3dvbjnay", source: "shop", provider: "shopify", received: "2026-11-26T12:36:47.865Z", outcome: "refused", reason: "mismatch", says,
    status: 401, took_ms: 0.24, method: "POST", bytes: 313,
    checks: [
      ok("header", "found in the header x-shopify-hmac-sha256"), ok("time", "Shopify sends no time that is signed"), { check: "signature", result: "failed", says },
      notReached("id"), notReached("rule"), notReached("append"),
    ],
    events: [], events_total: 0, left_out: 0,
    ...changes,
  };
}

export function filtered(changes: object = {}): object {
  const failures = [{ rule: "accept_if", expression: "amount > 3", why: "no such key", saw: "amount: null" }];
  return {
    ...accepted(), id: "j4thwc59-lglfb9re", source: "donations", provider: "token", outcome: "filtered", says: "the source's rules let nothing of it through",
    checks: [
      ok("header", "found"), ok("time", "no time"), ok("signature", "it fits"), ok("id", "one event"),
      { check: "rule", result: "failed", says: "the source's rules let nothing of it through" }, notReached("append"),
    ],
    events: [{ id: "don_zZzt", type: "donation.failure", outcome: "filtered", filtered_by: "accept", failures }],
    ...changes,
  };
}
