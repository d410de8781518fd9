// Where code is written, run and watched.
import { sign, verify } from "@octokit/webhooks-methods";
import { isValidSignature } from "@sanity/webhook";
import { signRequest, verifyRequest } from "@contentful/node-apps-toolkit";
import { LinearWebhookClient } from "@linear/sdk/webhooks";
import { WebhookHandler } from "@liveblocks/node";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { validateWebhook } from "replicate";
import { WebflowClient } from "webflow-api";

import { NOW, hmac, require, standard } from "../kit.mjs";

const jwt = require("atlassian-jwt");
const STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const CONTENTFUL = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqr";

export default {
  github: {
    package: "@octokit/webhooks-methods",
    how: "await sign(secret, body)",
    proof: "signed",
    secret: "golden secret",
    type: "issues.opened",
    id: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    body: '{"action":"opened","issue":{"number":7,"title":"Grüße 👋"},"repository":{"full_name":"acme/api"}}',
    sign: async (body) => ({
      "x-hub-signature-256": await sign("golden secret", body),
      "x-github-event": "issues",
      "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    }),
    check: (body, headers) => verify("golden secret", body, headers["x-hub-signature-256"]),
  },
  linear: {
    package: "@linear/sdk",
    how: "hex HMAC-SHA256 of the body; LinearWebhookClient.parseData takes it",
    proof: "verified",
    secret: "lin_wh_golden",
    type: "Issue.create",
    id: "234d1a4e-b617-4388-90fe-adc3633d6b72",
    body: `{"action":"create","type":"Issue","data":{"id":"2174add1-f7c8-44e3-bbf3-2d60b5ea8bc9","title":"Wall is dark"},"webhookTimestamp":${NOW}000,"webhookId":"000042e3-d123-4980-b49f-8e140eef9329"}`,
    sign: async (body) => ({
      "linear-signature": hmac("sha256", "lin_wh_golden", "hex", body),
      "linear-delivery": "234d1a4e-b617-4388-90fe-adc3633d6b72",
      "linear-event": "Issue",
    }),
    check: (body, headers) => Boolean(new LinearWebhookClient("lin_wh_golden").parseData(Buffer.from(body), headers["linear-signature"])),
  },
  sanity: {
    package: "@sanity/webhook",
    how: "base64url HMAC-SHA256 of `{ms}.{body}`; isValidSignature takes it",
    proof: "verified",
    secret: "golden secret",
    type: "post.create",
    id: "sanity-1",
    body: '{"_id":"resume","_type":"post","title":"GROQ"}',
    sign: async (body) => ({
      "idempotency-key": "sanity-1",
      "sanity-operation": "create",
      "sanity-webhook-signature": `t=${NOW}000,v1=${hmac("sha256", "golden secret", "base64url", `${NOW}000.${body}`)}`,
    }),
    check: (body, headers) => isValidSignature(body, headers["sanity-webhook-signature"], "golden secret"),
  },
  contentful: {
    package: "@contentful/node-apps-toolkit",
    how: "signRequest(secret, request, ms)",
    proof: "signed",
    secret: CONTENTFUL,
    url: "https://gateway.example.com/hooks/s",
    type: "ContentManagement.Entry.publish",
    body: '{"sys":{"type":"Entry","id":"5KsDBWseXY6QegucYAoacS","revision":3},"fields":{"title":{"en-GB":"Wall"}}}',
    sign: async (body) => {
      const headers = {
        "content-type": "application/vnd.contentful.management.v1+json",
        "x-contentful-topic": "ContentManagement.Entry.publish",
      };
      return { ...headers, ...signRequest(CONTENTFUL, { method: "POST", path: "/hooks/s", headers, body }, NOW * 1_000) };
    },
    check: (body, headers) => verifyRequest(CONTENTFUL, { method: "POST", path: "/hooks/s", headers, body }, 0),
  },
  anthropic: {
    package: "@anthropic-ai/sdk",
    how: "Standard Webhooks' rule; client.beta.webhooks.unwrap takes it",
    proof: "verified",
    secret: STANDARD,
    type: "session.status_idled",
    id: "msg_anthropic",
    body: '{"type":"event","id":"wevt_1","created_at":"2030-03-17T17:46:40Z","data":{"type":"session.status_idled","id":"sesn_1"}}',
    sign: async (body) => standard(STANDARD, "msg_anthropic", body),
    check: (body, headers) => Boolean(new Anthropic({ apiKey: "k" }).beta.webhooks.unwrap(body, { headers, key: STANDARD })),
  },
  liveblocks: {
    package: "@liveblocks/node",
    how: "Standard Webhooks' rule; new WebhookHandler(secret).verifyRequest takes it",
    proof: "verified",
    secret: STANDARD,
    type: "roomCreated",
    id: "msg_liveblocks",
    body: '{"type":"roomCreated","data":{"projectId":"p1","roomId":"wall","createdAt":"2030-03-17T17:46:40.000Z"}}',
    sign: async (body) => standard(STANDARD, "msg_liveblocks", body),
    check: (rawBody, headers) => Boolean(new WebhookHandler(STANDARD).verifyRequest({ rawBody, headers })),
  },
  openai: {
    package: "openai",
    how: "Standard Webhooks' rule; client.webhooks.unwrap takes it",
    proof: "verified",
    secret: STANDARD,
    type: "response.completed",
    id: "wh_6863a3",
    body: `{"id":"evt_6863a3","object":"event","created_at":${NOW},"type":"response.completed","data":{"id":"resp_abc123"}}`,
    sign: async (body) => standard(STANDARD, "wh_6863a3", body),
    check: async (body, headers) => Boolean(await new OpenAI({ apiKey: "k" }).webhooks.unwrap(body, headers, STANDARD)),
  },
  replicate: {
    package: "replicate",
    how: "Standard Webhooks' rule; validateWebhook takes it",
    proof: "verified",
    secret: STANDARD,
    type: "prediction.succeeded",
    id: "msg_replicate",
    body: '{"id":"ufawqhfynnddngldkgtslldrkq","status":"succeeded","output":["https://example.com/a.png"]}',
    sign: async (body) => standard(STANDARD, "msg_replicate", body),
    check: (body, headers) => validateWebhook({ body, headers }, STANDARD),
  },
  webflow: {
    package: "webflow-api",
    how: "hex HMAC-SHA256 of `{ms}:{body}`; client.webhooks.verifySignature takes it",
    proof: "verified",
    secret: "golden secret",
    type: "form_submission",
    body: '{"triggerType":"form_submission","payload":{"name":"Contact","id":"6321ca84df3949bfc6752327"}}',
    sign: async (body) => ({
      "x-webflow-timestamp": `${NOW}000`,
      "x-webflow-signature": hmac("sha256", "golden secret", "hex", `${NOW}000:${body}`),
    }),
    check: (body, headers) =>
      new WebflowClient({ accessToken: "t" }).webhooks.verifySignature({ headers, body, secret: "golden secret" }),
  },
  "atlassian-connect": {
    package: "atlassian-jwt",
    how: "encodeSymmetric({iss, iat, exp, qsh: createQueryStringHash(request)}, secret)",
    proof: "signed",
    bodyIsFree: true,
    secret: "golden secret",
    url: "https://gateway.example.com/hooks/s",
    type: "jira:issue_created",
    body: `{"timestamp":${NOW}000,"webhookEvent":"jira:issue_created","issue":{"id":"10002","key":"ED-1"}}`,
    sign: async () => {
      const request = { method: "POST", pathname: "/hooks/s", originalUrl: "/hooks/s", query: {}, body: {} };
      const claims = { iss: "client-key", iat: NOW, exp: NOW + 180, qsh: jwt.createQueryStringHash(request, false, "") };
      return { authorization: `JWT ${jwt.encodeSymmetric(claims, "golden secret")}` };
    },
    check: (_body, headers) => Boolean(jwt.decodeSymmetric(headers.authorization.slice(4), "golden secret", "HS256")),
  },
};
