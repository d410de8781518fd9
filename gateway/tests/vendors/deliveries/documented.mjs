// Senders with no package of their own here: node:crypto by the rule that their documentation gives.
import { createHmac, timingSafeEqual } from "node:crypto";

import { hmac, standard } from "../kit.mjs";

const SECRET = "golden secret";
const STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** Whether a header is its prefix and the hex HMAC-SHA256 of what is signed. */
const isHex = (header, prefix, signed) => {
  const expected = Buffer.from(prefix + createHmac("sha256", SECRET).update(signed).digest("hex"));
  const found = Buffer.from(header);
  return found.length === expected.length && timingSafeEqual(found, expected);
};

const plain = { package: "node:crypto", proof: "documented", secret: SECRET };

export default {
  gitlab: {
    ...plain,
    how: "Standard Webhooks' rule, which GitLab's signing token follows",
    secret: STANDARD,
    type: "push",
    id: "msg_gitlab",
    body: '{"object_kind":"push","ref":"refs/heads/main","project":{"path_with_namespace":"acme/api"}}',
    sign: async (body) => ({ ...standard(STANDARD, "msg_gitlab", body), "x-gitlab-event": "Push Hook" }),
    check: (body, headers) => standard(STANDARD, "msg_gitlab", body)["webhook-signature"] === headers["webhook-signature"],
  },
  hmac: {
    ...plain,
    how: "the hex HMAC-SHA256 of the body",
    type: "deploy.finished",
    body: '{"type":"deploy.finished","service":"wall"}',
    sign: async (body) => ({ "x-signature": hmac("sha256", SECRET, "hex", body) }),
    check: (body, headers) => isHex(headers["x-signature"], "", body),
  },
  meta: {
    ...plain,
    how: "`sha256=` and the hex HMAC-SHA256 of the body",
    source: `secrets = ["${SECRET}"]\nverify_token = "golden token"`,
    type: "feed",
    body: '{"object":"page","entry":[{"id":"1","time":1900000000,"changes":[{"field":"feed","value":{"item":"post"}}]}]}',
    sign: async (body) => ({ "x-hub-signature-256": `sha256=${hmac("sha256", SECRET, "hex", body)}` }),
    check: (body, headers) => isHex(headers["x-hub-signature-256"], "sha256=", body),
  },
  none: {
    ...plain,
    how: "Nothing is signed.",
    bodyIsFree: true,
    source: "",
    type: "reading",
    body: '{"type":"reading","celsius":21.5}',
    sign: async () => ({}),
    check: () => true,
  },
  token: {
    ...plain,
    how: "The token as it stands.",
    bodyIsFree: true,
    type: "donation.success",
    id: "don_7781",
    body: '{"type":"donation.success","amount":25}',
    sign: async () => ({ authorization: `Bearer ${SECRET}`, "idempotency-key": "don_7781" }),
    check: (_body, headers) => headers.authorization === `Bearer ${SECRET}`,
  },
  twitch: {
    ...plain,
    how: "`sha256=` and the hex HMAC-SHA256 of `{id}{time}{body}`",
    type: "channel.follow",
    id: "e76c6bd4-55c9-4987-8304-da1588d8988b",
    body: '{"subscription":{"id":"f1c2a387","type":"channel.follow"},"event":{"user_name":"ada"}}',
    sign: async (body) => {
      const [id, time] = ["e76c6bd4-55c9-4987-8304-da1588d8988b", "2030-03-17T17:46:40.123456789Z"];
      return {
        "twitch-eventsub-message-signature": `sha256=${hmac("sha256", SECRET, "hex", id, time, body)}`,
        "twitch-eventsub-message-id": id,
        "twitch-eventsub-message-timestamp": time,
        "twitch-eventsub-message-type": "notification",
        "twitch-eventsub-subscription-type": "channel.follow",
      };
    },
    check: (body, headers) => {
      const [id, time] = ["id", "timestamp"].map((name) => headers[`twitch-eventsub-message-${name}`]);
      return isHex(headers["twitch-eventsub-message-signature"], "sha256=", id + time + body);
    },
  },
};
