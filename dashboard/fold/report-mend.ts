// The checks of a delivery in words, and for the one that failed: what it means and what mends it. Pure.

import type { Checked, Report } from "./report.ts";

export interface Step {
  check: string;
  title: string;
  result: Checked["result"];
  /** As the gateway says it. */
  says: string;
}

/** What a source's deliveries are proven by. */
export type Proof = "signature" | "token" | "nothing";

const PROOF_TITLES: Record<Proof, Record<string, string>> = {
  signature: { header: "Header found", time: "Time in tolerance", signature: "Signature equal" },
  token: { header: "Token found", time: "No time to check", signature: "Token equal" },
  nothing: { header: "No header to find", time: "No time to check", signature: "No proof to check" },
};
const TITLES: Record<string, string> = {
  id: "Events told apart",
  rule: "Rules let it through",
  append: "Appended to the log",
};

const ORDER = ["header", "time", "signature", "id", "rule", "append"];

/** All six in their order, whatever a report left out; what it adds stands behind. */
export function stepsOf({ checks }: Report, proof: Proof = "signature"): Step[] {
  const known = ORDER.map((check) => checks.find((each) => each.check === check) ?? { check, result: "not_reached" as const, says: "" });
  const others = checks.filter(({ check }) => !ORDER.includes(check));
  return [...known, ...others].map(({ check, result, says }) => ({ check, title: TITLES[check] ?? PROOF_TITLES[proof][check] ?? check, result, says }));
}

/** The step that kept it out, if one did. */
export function failedStep(report: Report): Step | null {
  return stepsOf(report).find(({ result }) => result === "failed") ?? null;
}

export interface Mend {
  /** What most likely happened. */
  means: string;
  /** What to do, in turn. */
  steps: string[];
  /** Where it is mended. */
  at: "source" | "topics" | "health" | null;
  /** How what was lost comes in afterwards. */
  then: "replay" | "sign" | null;
}

/** Null for what was taken. */
export function mendOf(report: Report, proof: Proof = "signature"): Mend | null {
  if (report.outcome === "filtered") return filteredBy(report);
  if (report.outcome === "duplicate") return DUPLICATE;
  if (report.outcome === "unavailable") return MENDS[report.reason ?? ""] ?? MENDS["unavailable"] ?? null;
  if (report.outcome !== "refused") return null;
  const failed = failedStep(report);
  if (report.reason === "missing" && failed?.check === "time") return MENDS["missing_time"] ?? null;
  if (report.reason === "too_large" && failed?.check === "id") return MENDS["too_many"] ?? null;
  return (proof === "token" ? TOKEN_MENDS[report.reason ?? ""] : undefined) ?? MENDS[report.reason ?? ""] ?? OTHER;
}

/** A token is sent as it is: nothing is signed, and it cannot be replayed, for it is not kept. */
const TOKEN_MENDS: Record<string, Mend> = {
  missing: {
    means: "It came without its token: the sender does not send one yet, a proxy dropped it, or somebody else is sending to this URL.",
    steps: ["Give the sender the source's token, to be sent where the check looked for it.", "If a proxy stands between, let it pass the header on."],
    at: "source",
    then: null,
  },
  malformed: {
    means: "Something stands where the token should, but not as this source expects it.",
    steps: ["See how the sender writes it: after `Bearer`, after `Basic`, or alone.", "If a proxy stands between, let it pass headers on as they are."],
    at: "source",
    then: null,
  },
  mismatch: {
    means: "The token that was sent is not the one that this source has.",
    steps: ["Copy the token from where the sender keeps it, whole, and give it to the source; or the source's to the sender.", "Afterwards, send this one anew: a token is not kept, so it cannot be replayed as received."],
    at: "source",
    then: "sign",
  },
};

const MENDS: Record<string, Mend> = {
  missing: {
    means: "The provider did not sign it, a proxy dropped the header, or another provider is sending to this URL.",
    steps: ["Set the secret where the provider keeps this webhook: most sign only once there is one.", "If a proxy stands between, let it pass the header on.", "See that this source's provider is the one that sends."],
    at: "source",
    then: null,
  },
  missing_time: {
    means: "Its signature covers a time, and no time came with it: a proxy dropped that header, or another provider is sending.",
    steps: ["If a proxy stands between, let it pass the time's header on.", "See that this source's provider is the one that sends."],
    at: "source",
    then: null,
  },
  malformed: {
    means: "Something stands where the signature should, but not as this provider writes it: another provider, or a header that was rewritten.",
    steps: ["See that this source's provider is the one that sends.", "If a proxy stands between, let it pass headers on as they are."],
    at: "source",
    then: null,
  },
  mismatch: {
    means: "Either the secret here is not the one the provider signs with, or the bytes were changed on their way.",
    steps: ["Copy the secret from the provider again, whole, and give it to the source.", "If the secret is right, look for a proxy that rewrites bodies: parsing and writing JSON anew is enough."],
    at: "source",
    then: "replay",
  },
  wrong_content: {
    means: "The signature covers a part of the delivery that is not there, or says a different thing.",
    steps: ["If a proxy stands between, let it pass the body and every header on as they are.", "See that this source's provider is the one that sends."],
    at: "source",
    then: null,
  },
  stale: {
    means: "The signature fits, but it was made too long ago: a late retry, a repeated recording, or a clock that is wrong.",
    steps: ["Compare the clock of this machine with the sender's: NTP should run on both.", "If it is a late retry of the provider, look at it, and send it anew."],
    at: null,
    then: "sign",
  },
  future: {
    means: "The signature fits, but its time lies ahead of this machine's clock.",
    steps: ["Compare the clock of this machine with the sender's: NTP should run on both.", "When the clocks agree, send it anew."],
    at: null,
    then: "sign",
  },
  no_key: {
    means: "The provider publishes the key that proves this, and it could not be fetched in time.",
    steps: ["See that this machine reaches the provider's host over https.", "The sender was told to come back: the next try may pass by itself."],
    at: "health",
    then: "replay",
  },
  address: {
    means: "This source takes deliveries only from the addresses that its `allow` lists, and this one is not among them.",
    steps: ["If it is the provider, add its address to `allow` of the source.", "Behind a proxy, list the proxy in `[server] proxies`: else its own address is seen."],
    at: "source",
    then: null,
  },
  too_large: {
    means: "The body is larger than this gateway takes.",
    steps: ["Raise `[limits] body`, or let the provider send less."],
    at: null,
    then: null,
  },
  too_many: {
    means: "It holds more events than one delivery may.",
    steps: ["Raise `[limits] events_per_delivery`, or let the provider send smaller batches."],
    at: null,
    then: "replay",
  },
  timeout: {
    means: "The body did not arrive within its deadline: a slow or broken line.",
    steps: ["Nothing here is wrong if it stays rare: the provider sends it again."],
    at: null,
    then: null,
  },
  bad_request: {
    means: "The connection ended before the body was complete.",
    steps: ["Nothing here is wrong if it stays rare: the provider sends it again."],
    at: null,
    then: null,
  },
  encoding: {
    means: "The body is compressed, and a signature is checked over the bytes as they are.",
    steps: ["Let the sender, or the proxy between, send without Content-Encoding."],
    at: null,
    then: null,
  },
  method_not_allowed: {
    means: "Deliveries are sent with POST, and this was another method: a browser or a health check, most likely.",
    steps: ["Point health checks at `/livez`."],
    at: null,
    then: null,
  },
  unavailable: {
    means: "The log did not take it while its sender waited. The sender heard 503 and should come back.",
    steps: ["See whether the broker is up.", "If the sender does not come back, send it again from here."],
    at: "health",
    then: "replay",
  },
};

const OTHER: Mend = {
  means: "The gateway did not take it.",
  steps: ["Its checks say how far it came."],
  at: "source",
  then: null,
};

const DUPLICATE: Mend = {
  means: "The log has it already: a second delivery of the same id adds nothing. Its sender heard that it was taken.",
  steps: ["Nothing is wrong: providers send again when an answer is late."],
  at: null,
  then: null,
};

function filteredBy({ events }: Report): Mend {
  const rules = [...new Set(events.flatMap(({ filteredBy }) => filteredBy ?? []))];
  const named = rules.length === 0 ? "rules" : rules.map((rule) => `\`${rule}\``).join(" and ");
  return {
    means: `It is genuine, and this source's own ${named} kept it from being published. Its sender heard that it was taken.`,
    steps: [`If it should be heard, change ${named} of the source and send it anew.`],
    at: "source",
    then: "sign",
  };
}
