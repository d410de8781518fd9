// Shops, customers, documents, calendars and people.
import "@shopify/shopify-api/adapters/node";
import { ApiVersion, shopifyApi } from "@shopify/shopify-api";
import { WorkOS } from "@workos-inc/node";
import Mux from "@mux/mux-node";
import { verifyWebhook } from "@clerk/backend/webhooks";

import { ISO, NOW, hmac, require, standard } from "../kit.mjs";

const { Signature } = require("@hubspot/api-client");
const { Crisp } = require("crisp-api");
const notion = require("@notionhq/client");
const { WebhooksManager } = require("box-node-sdk/managers/webhooks");
const Cronofy = require("cronofy");

const STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const URL = "https://gateway.example.com/hooks/s";

const shopify = () =>
  shopifyApi({ apiKey: "k", apiSecretKey: "shpss_golden", scopes: [], hostName: "gateway.example.com", apiVersion: ApiVersion.January26 ?? "2026-01", isEmbeddedApp: true });

export default {
  shopify: {
    package: "@shopify/shopify-api",
    how: "base64 HMAC-SHA256 of the body; shopify.webhooks.validate takes it",
    proof: "verified",
    secret: "shpss_golden",
    type: "orders/create",
    id: "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    body: '{"id":820982911946154500,"email":"ada@example.com","total_price":"403.00","currency":"GBP"}',
    sign: async (body) => ({
      "x-shopify-hmac-sha256": hmac("sha256", "shpss_golden", "base64", body),
      "x-shopify-topic": "orders/create",
      "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
      "x-shopify-shop-domain": "acme.myshopify.com",
      "x-shopify-api-version": "2026-01",
    }),
    check: async (rawBody, headers) => {
      const rawRequest = { method: "POST", url: "/hooks/s", headers };
      return (await shopify().webhooks.validate({ rawBody, rawRequest, rawResponse: {} })).valid;
    },
  },
  crisp: {
    package: "crisp-api",
    how: "hex HMAC-SHA256 of `[{ts};{body}]`; what verifyHook and verifyWidget share takes it",
    proof: "verified",
    secret: "golden secret",
    type: "message:send",
    id: "163408807661511",
    body: `{"website_id":"w1","event":"message:send","data":{"type":"text","content":"Hello","fingerprint":163408807661511},"timestamp":${NOW}000}`,
    sign: async (body) => ({
      "x-crisp-signature": hmac("sha256", "golden secret", "hex", `[${NOW}000;${body}]`),
      "x-crisp-request-timestamp": `${NOW}000`,
    }),
    check: (body, headers) => {
      const [signature, timestamp] = [headers["x-crisp-signature"], headers["x-crisp-request-timestamp"]];
      return new Crisp().verifyWidget("golden secret", JSON.parse(body), timestamp, signature);
    },
  },
  "hubspot-v1": {
    package: "@hubspot/api-client",
    how: "Signature.getSignature('POST', 'v1', {clientSecret, requestBody})",
    proof: "signed",
    secret: "golden secret",
    type: "contact.creation",
    id: "1",
    body: '[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1900000000000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123}]',
    sign: async (requestBody) => ({
      "x-hubspot-signature": Signature.getSignature("POST", "v1", { clientSecret: "golden secret", requestBody }),
      "x-hubspot-signature-version": "v1",
    }),
    check: (requestBody, headers) =>
      Signature.isValid({ signatureVersion: "v1", clientSecret: "golden secret", requestBody, signature: headers["x-hubspot-signature"] }),
  },
  "hubspot-v2": {
    package: "@hubspot/api-client",
    how: "Signature.getSignature('POST', 'v2', {clientSecret, url, requestBody})",
    proof: "signed",
    secret: "golden secret",
    url: URL,
    type: "workflow",
    body: '{"objectId":123,"objectType":"CONTACT","portalId":62515}',
    sign: async (requestBody) => ({
      "x-hubspot-signature": Signature.getSignature("POST", "v2", { clientSecret: "golden secret", url: URL, requestBody }),
      "x-hubspot-signature-version": "v2",
    }),
    check: (requestBody, headers) =>
      Signature.isValid({
        method: "POST", signatureVersion: "v2", clientSecret: "golden secret", url: URL, requestBody,
        signature: headers["x-hubspot-signature"],
      }),
  },
  hubspot: {
    package: "@hubspot/api-client",
    how: "Signature.getSignature('POST', 'v3', {clientSecret, url, requestBody, timestamp})",
    proof: "signed",
    secret: "golden secret",
    url: URL,
    type: "contact.creation",
    id: "1",
    body: '[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1900000000000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123}]',
    sign: async (requestBody) => ({
      "x-hubspot-signature-v3": Signature.getSignature("POST", "v3", {
        clientSecret: "golden secret", url: URL, requestBody, timestamp: NOW * 1_000,
      }),
      "x-hubspot-request-timestamp": `${NOW}000`,
    }),
    check: (requestBody, headers) =>
      Signature.isValid({
        method: "POST", signatureVersion: "v3", clientSecret: "golden secret", url: URL, requestBody,
        timestamp: NOW * 1_000, signature: headers["x-hubspot-signature-v3"],
      }),
  },
  workos: {
    package: "@workos-inc/node",
    how: "await workos.webhooks.computeSignature(ms, JSON.parse(body), secret)",
    proof: "signed",
    secret: "golden secret",
    type: "user.created",
    id: "event_01HGOLDEN",
    body: '{"id":"event_01HGOLDEN","event":"user.created","created_at":"2030-03-17T17:46:40.000Z","data":{"object":"user","id":"user_01"}}',
    sign: async (body) => {
      const signature = await new WorkOS("sk").webhooks.computeSignature(`${NOW}000`, JSON.parse(body), "golden secret");
      return { "workos-signature": `t=${NOW}000, v1=${signature}` };
    },
    check: (body, headers) =>
      new WorkOS("sk").webhooks.verifyHeader({ payload: JSON.parse(body), sigHeader: headers["workos-signature"], secret: "golden secret" }),
  },
  mux: {
    package: "@mux/mux-node",
    how: "hex HMAC-SHA256 of `{t}.{body}`; mux.webhooks.verifySignature takes it",
    proof: "verified",
    secret: "golden secret",
    type: "video.asset.ready",
    id: "3a56ac3d-33da-4366-855b-f592d898409d",
    body: '{"type":"video.asset.ready","id":"3a56ac3d-33da-4366-855b-f592d898409d","object":{"type":"asset","id":"a1"},"data":{"status":"ready"}}',
    sign: async (body) => ({ "mux-signature": `t=${NOW},v1=${hmac("sha256", "golden secret", "hex", `${NOW}.${body}`)}` }),
    check: async (body, headers) => {
      await new Mux({ tokenId: "i", tokenSecret: "s" }).webhooks.verifySignature(body, headers, "golden secret");
      return true;
    },
  },
  clerk: {
    package: "@clerk/backend",
    how: "Svix' rule; verifyWebhook takes it",
    proof: "verified",
    secret: STANDARD,
    type: "user.created",
    id: "msg_clerk",
    body: '{"type":"user.created","object":"event","timestamp":1900000000000,"data":{"id":"user_29w83sxmDNGwOuEthce5gg56FcC"}}',
    sign: async (body) => standard(STANDARD, "msg_clerk", body, "svix"),
    check: async (body, headers) =>
      Boolean(await verifyWebhook(new Request(URL, { method: "POST", headers, body }), { signingSecret: STANDARD })),
  },
  notion: {
    package: "@notionhq/client",
    how: "await signWebhookPayload({body, verificationToken})",
    proof: "signed",
    secret: "secret_golden",
    type: "page.content_updated",
    id: "367cba44-b6f3-4c92-81e7-6a2e9659efd4",
    body: '{"id":"367cba44-b6f3-4c92-81e7-6a2e9659efd4","timestamp":"2030-03-17T17:46:40.000Z","type":"page.content_updated","attempt_number":1,"entity":{"id":"e1","type":"page"}}',
    sign: async (body) => ({
      "x-notion-signature": await notion.signWebhookPayload({ body, verificationToken: "secret_golden" }),
    }),
    check: (body, headers) =>
      notion.verifyWebhookSignature({ body, signature: headers["x-notion-signature"], verificationToken: "secret_golden" }),
  },
  box: {
    package: "box-node-sdk",
    how: "base64 HMAC-SHA256 of `{body}{time}`; WebhooksManager.validateMessage takes it",
    proof: "verified",
    secret: "golden secret",
    type: "FILE.UPLOADED",
    id: "f96bb54b-ee16-4fc5-aa65-8c2d9e5b546f",
    body: '{"type":"webhook_event","id":"0f5b8e51","created_at":"2030-03-17T17:46:40-07:00","trigger":"FILE.UPLOADED","source":{"id":"73835521473","type":"file","name":"wall.png"}}',
    sign: async (body) => ({
      "box-delivery-id": "f96bb54b-ee16-4fc5-aa65-8c2d9e5b546f",
      "box-delivery-timestamp": ISO,
      "box-signature-algorithm": "HmacSHA256",
      "box-signature-version": "1",
      "box-signature-primary": hmac("sha256", "golden secret", "base64", body, ISO),
    }),
    check: (body, headers) => WebhooksManager.validateMessage(body, headers, "golden secret"),
  },
  cronofy: {
    package: "cronofy",
    how: "base64 HMAC-SHA256 of the body; cronofy.hmacValid takes it",
    proof: "verified",
    secret: "golden secret",
    type: "change",
    body: '{"notification":{"type":"change","changes_since":"2030-03-17T17:46:40Z"},"channel":{"channel_id":"chn_0000000000"}}',
    sign: async (body) => ({ "cronofy-hmac-sha256": hmac("sha256", "golden secret", "base64", body) }),
    check: (body, headers) =>
      new Cronofy({ client_id: "i", client_secret: "golden secret" }).hmacValid({ hmac: headers["cronofy-hmac-sha256"], body, client_secret: "golden secret" }),
  },
};
