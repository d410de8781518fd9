// Where people talk: chat, telephony, mail and calls.
import { verifyKey } from "discord-interactions";
import { isValidSlackRequest } from "@slack/bolt";
import { Webhook as Standard } from "standardwebhooks";
import { Webhook as Svix } from "svix";
import { Resend } from "resend";
import { TelnyxWebhook } from "telnyx/lib/webhooks.js";
import { WebhookReceiver } from "livekit-server-sdk";
import { ElevenLabsClient } from "@elevenlabs/elevenlabs-js";

import { ED25519, NOW, hash, hmac, jws, require, standard } from "../kit.mjs";

const twilio = require("twilio");
const { EventWebhook } = require("@sendgrid/eventwebhook");
const line = require("@line/bot-sdk");
const messageBird = require("messagebird/lib/webhook-signature-jwt");
const { verifySignature } = require("@vonage/jwt");
const { createSecretKey } = require("node:crypto");
const plivo = require("plivo");
const Pusher = require("pusher");
const { StreamChat } = require("stream-chat");
const retell = require("retell-sdk/lib/webhook_auth.js");

const STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const URL = "https://gateway.example.com/hooks/s";
const LONG = "a golden secret of thirty-two bytes and more";
const TWILIO = {
  CallSid: "CA1234567890ABCDE", Caller: "+14158675309", Digits: "1234", From: "+14158675309", To: "+18005551212", CallStatus: "ringing",
};
const TWILIO_JSON = '[{"specversion":"1.0","type":"com.twilio.voice.insights.call-summary.complete","source":"/v1/Voice","id":"EZ1","data":{"call_sid":"CA1"}}]';
const SENDGRID = {
  key: "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
};

export default {
  slack: {
    package: "@slack/bolt",
    how: "hex HMAC-SHA256 of `v0:{ts}:{body}`; isValidSlackRequest takes it",
    proof: "verified",
    secret: "8f742231b10e8888abcd99yyyzzz85a5",
    type: "reaction_added",
    id: "Ev0GOLDEN",
    body: '{"type":"event_callback","event_id":"Ev0GOLDEN","team_id":"T1","event":{"type":"reaction_added","user":"U1","reaction":"tada"}}',
    sign: async (body) => ({
      "x-slack-request-timestamp": String(NOW),
      "x-slack-signature": `v0=${hmac("sha256", "8f742231b10e8888abcd99yyyzzz85a5", "hex", `v0:${NOW}:${body}`)}`,
    }),
    check: (body, headers) =>
      isValidSlackRequest({
        signingSecret: "8f742231b10e8888abcd99yyyzzz85a5",
        body,
        headers: { ...headers, "x-slack-request-timestamp": NOW },
      }),
  },
  discord: {
    package: "discord-interactions",
    how: "Ed25519 over `{ts}{body}` with the key of RFC 8032's first test; verifyKey takes it",
    proof: "verified",
    secret: ED25519.publicHex,
    type: "APPLICATION_AUTHORIZED",
    body: '{"version":1,"application_id":"1234560123453231555","type":1,"event":{"type":"APPLICATION_AUTHORIZED","timestamp":"2030-03-17T17:46:40.000Z","data":{"integration_type":1}}}',
    sign: async (body) => ({
      "x-signature-ed25519": ED25519.sign(`${NOW}${body}`, "hex"),
      "x-signature-timestamp": String(NOW),
    }),
    check: (body, headers) =>
      verifyKey(body, headers["x-signature-ed25519"], headers["x-signature-timestamp"], ED25519.publicHex),
  },
  "standard-webhooks": {
    package: "standardwebhooks",
    how: "new Webhook(secret).sign(id, date, body)",
    proof: "signed",
    secret: STANDARD,
    type: "user.created",
    id: "msg_golden",
    body: '{"type":"user.created","timestamp":"2030-03-17T17:46:40Z","data":{"name":"Ada"}}',
    sign: async (body) => ({
      "webhook-id": "msg_golden",
      "webhook-timestamp": String(NOW),
      "webhook-signature": new Standard(STANDARD).sign("msg_golden", new Date(NOW * 1_000), body),
    }),
    check: (body, headers) => Boolean(new Standard(STANDARD).verify(body, headers)),
  },
  svix: {
    package: "svix",
    how: "new Webhook(secret).sign(id, date, body), under Svix' own header names",
    proof: "signed",
    secret: STANDARD,
    type: "user.created",
    id: "msg_golden",
    body: '{"type":"user.created","data":{"name":"Ada"}}',
    sign: async (body) => ({
      "svix-id": "msg_golden",
      "svix-timestamp": String(NOW),
      "svix-signature": new Svix(STANDARD).sign("msg_golden", new Date(NOW * 1_000), body),
    }),
    check: (body, headers) => {
      new Svix(STANDARD).verify(body, headers);
      return true;
    },
  },
  resend: {
    package: "resend",
    how: "Svix' rule; resend.webhooks.verify takes it",
    proof: "verified",
    secret: STANDARD,
    type: "email.delivered",
    id: "msg_resend",
    body: '{"type":"email.delivered","created_at":"2030-03-17T17:46:40.000Z","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618","to":["ada@example.com"]}}',
    sign: async (body) => standard(STANDARD, "msg_resend", body, "svix"),
    check: async (payload, headers) => {
      const [id, timestamp, signature] = ["id", "timestamp", "signature"].map((name) => headers[`svix-${name}`]);
      await new Resend("re_1").webhooks.verify({ payload, headers: { id, timestamp, signature }, webhookSecret: STANDARD });
      return true;
    },
  },
  twilio: {
    package: "twilio",
    how: "getExpectedTwilioSignature(token, url, fields)",
    proof: "signed",
    secret: "12345",
    url: "https://gateway.example.com/hooks/s?foo=1&bar=2",
    type: "call.ringing",
    body: new URLSearchParams(TWILIO).toString(),
    sign: async (body) => ({
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-signature": twilio.getExpectedTwilioSignature("12345", `${URL}?foo=1&bar=2`, Object.fromEntries(new URLSearchParams(body))),
    }),
    check: (body, headers) =>
      twilio.validateRequest("12345", headers["x-twilio-signature"], `${URL}?foo=1&bar=2`, Object.fromEntries(new URLSearchParams(body))),
  },
  "twilio-json": {
    provider: "twilio",
    package: "twilio",
    how: "getExpectedTwilioSignature(token, url with bodySHA256, {}); validateRequestWithBody takes it",
    proof: "signed",
    secret: "12345",
    url: `${URL}?bodySHA256=${hash(TWILIO_JSON)}`,
    type: "com.twilio.voice.insights.call-summary.complete",
    body: TWILIO_JSON,
    sign: async () => ({
      "x-twilio-signature": twilio.getExpectedTwilioSignature("12345", `${URL}?bodySHA256=${hash(TWILIO_JSON)}`, {}),
    }),
    check: (body, headers) =>
      twilio.validateRequestWithBody("12345", headers["x-twilio-signature"], `${URL}?bodySHA256=${hash(TWILIO_JSON)}`, body),
  },
  sendgrid: {
    package: "@sendgrid/eventwebhook",
    how: "the signature that SendGrid published; EventWebhook.verifySignature takes it",
    proof: "verified",
    secret: SENDGRID.key,
    now: 1_600_112_502,
    type: "dropped",
    id: "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",
    body: '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n',
    sign: async () => ({
      "x-twilio-email-event-webhook-signature":
        "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=",
      "x-twilio-email-event-webhook-timestamp": "1600112502",
    }),
    check: (body, headers) => {
      const webhook = new EventWebhook();
      const key = webhook.convertPublicKeyToECDSA(SENDGRID.key);
      const [signature, timestamp] = ["signature", "timestamp"].map((name) => headers[`x-twilio-email-event-webhook-${name}`]);
      return webhook.verifySignature(key, body, signature, timestamp);
    },
  },
  line: {
    package: "@line/bot-sdk",
    how: "base64 HMAC-SHA256 of the body; validateSignature takes it",
    proof: "verified",
    secret: "golden secret",
    type: "message",
    id: "01FZ74A0TDDPYRVKNK77XKC3ZR",
    body: '{"destination":"U1","events":[{"type":"message","webhookEventId":"01FZ74A0TDDPYRVKNK77XKC3ZR","timestamp":1900000000000,"message":{"id":"1","type":"text","text":"こんにちは"}}]}',
    sign: async (body) => ({ "x-line-signature": hmac("sha256", "golden secret", "base64", body) }),
    check: (body, headers) => line.validateSignature(body, "golden secret", headers["x-line-signature"]),
  },
  telnyx: {
    package: "telnyx",
    how: "Ed25519 over `{ts}|{body}` with the key of RFC 8032's first test; TelnyxWebhook.verify takes it",
    proof: "verified",
    secret: ED25519.publicBase64,
    type: "message.received",
    id: "b301ed3f-1490-491f-995f-6e64e69674d4",
    body: '{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d4","occurred_at":"2030-03-17T17:46:40.000Z","payload":{"text":"Hello"}}}',
    sign: async (body) => ({
      "telnyx-signature-ed25519": ED25519.sign(`${NOW}|${body}`, "base64"),
      "telnyx-timestamp": String(NOW),
    }),
    check: async (body, headers) => {
      await new TelnyxWebhook(ED25519.publicBase64).verify(body, headers);
      return true;
    },
  },
  vonage: {
    package: "@vonage/jwt",
    how: "a JWS with HS256 and payload_hash; verifySignature takes it",
    proof: "verified",
    bodyIsFree: true,
    secret: LONG,
    type: "inbound.text",
    id: "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab",
    body: '{"message_uuid":"aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab","from":"447700900000","message_type":"text","text":"Hello","channel":"sms"}',
    sign: async (body) => ({
      authorization: `Bearer ${jws({ iat: NOW, jti: "j1", iss: "Vonage", payload_hash: hash(body), api_key: "a1b2c3d" }, LONG)}`,
    }),
    check: (_body, headers) => verifySignature(headers.authorization.slice(7), LONG),
  },
  messagebird: {
    package: "messagebird",
    how: "a JWS with HS256, payload_hash and url_hash; webhook-signature-jwt's verify takes it",
    proof: "verified",
    secret: LONG,
    url: URL,
    type: "message.created",
    id: "m1.message.created",
    body: '{"type":"message.created","message":{"id":"m1","content":{"text":"Hello"}}}',
    sign: async (body) => {
      const claims = { iss: "MessageBird", nbf: NOW, exp: NOW + 300, jti: "j1", url_hash: hash(URL), payload_hash: hash(body) };
      return { "messagebird-signature-jwt": jws(claims, LONG) };
    },
    check: (body, headers) => messageBird.verify(URL, Buffer.from(body), headers["messagebird-signature-jwt"], createSecretKey(Buffer.from(LONG))),
  },
  livekit: {
    package: "livekit-server-sdk",
    how: "a JWS with HS256 and sha256 in base64; WebhookReceiver.receive takes it",
    proof: "verified",
    secret: LONG,
    type: "room_started",
    id: "EV_golden",
    body: '{"event":"room_started","room":{"sid":"RM_1","name":"wall"},"id":"EV_golden","createdAt":"1900000000"}',
    sign: async (body) => ({
      "content-type": "application/webhook+json",
      authorization: jws({ iss: "APIgolden", nbf: NOW, exp: NOW + 300, sha256: hash(body, "base64") }, LONG),
    }),
    check: async (body, headers) => Boolean(await new WebhookReceiver("APIgolden", LONG).receive(body, headers.authorization)),
  },
  plivo: {
    package: "plivo",
    how: "base64 HMAC-SHA256 of `{url}?{sorted fields}.{nonce}`; validateV3Signature takes it",
    proof: "verified",
    secret: "golden secret",
    url: URL,
    type: "call.ringing",
    id: "c1.ringing",
    body: "From=14155551234&To=14155556789&CallUUID=c1&CallStatus=ringing",
    sign: async (body) => {
      const fields = [...new URLSearchParams(body)].sort(([a], [b]) => (a < b ? -1 : 1)).flat().join("");
      return {
        "content-type": "application/x-www-form-urlencoded",
        "x-plivo-signature-v3": hmac("sha256", "golden secret", "base64", `${URL}?${fields}.12345`),
        "x-plivo-signature-v3-nonce": "12345",
      };
    },
    check: (body, headers) =>
      plivo.validateV3Signature("POST", URL, "12345", "golden secret", headers["x-plivo-signature-v3"], Object.fromEntries(new URLSearchParams(body))),
  },
  pusher: {
    package: "pusher",
    how: "hex HMAC-SHA256 of the body; pusher.webhook(request).isValid() takes it",
    proof: "verified",
    secret: "golden secret",
    type: "channel_occupied",
    body: '{"time_ms":1900000000000,"events":[{"name":"channel_occupied","channel":"wall"}]}',
    sign: async (body) => ({ "x-pusher-key": "key", "x-pusher-signature": hmac("sha256", "golden secret", "hex", body) }),
    check: (rawBody, headers) =>
      new Pusher({ appId: "1", key: "key", secret: "golden secret" }).webhook({ headers, rawBody }).isValid(),
  },
  stream: {
    package: "stream-chat",
    how: "hex HMAC-SHA256 of the body; client.verifyWebhook takes it",
    proof: "verified",
    secret: "golden secret",
    type: "message.new",
    id: "stream-1",
    body: '{"type":"message.new","cid":"messaging:wall","message":{"id":"m1","text":"Hello"},"created_at":"2030-03-17T17:46:40Z"}',
    sign: async (body) => ({ "x-signature": hmac("sha256", "golden secret", "hex", body), "x-webhook-id": "stream-1" }),
    check: (body, headers) => new StreamChat("key", "golden secret").verifyWebhook(body, headers["x-signature"]),
  },
  retell: {
    package: "retell-sdk",
    how: "await sign(body, apiKey)",
    proof: "signed",
    secret: "key_golden",
    type: "call_started",
    body: '{"event":"call_started","call":{"call_id":"Jabr9TXYYJHfvl6Syypi88rdAHYHmcq6"}}',
    sign: async (body) => ({ "x-retell-signature": await retell.sign(body, "key_golden") }),
    check: (body, headers) => retell.verify(body, "key_golden", headers["x-retell-signature"]),
  },
  elevenlabs: {
    package: "@elevenlabs/elevenlabs-js",
    how: "hex HMAC-SHA256 of `{t}.{body}`; client.webhooks.constructEvent takes it",
    proof: "verified",
    secret: "wsec_golden",
    type: "post_call_transcription",
    body: '{"type":"post_call_transcription","event_timestamp":1900000000,"data":{"agent_id":"a1","conversation_id":"c1"}}',
    sign: async (body) => ({ "elevenlabs-signature": `t=${NOW},v0=${hmac("sha256", "wsec_golden", "hex", `${NOW}.${body}`)}` }),
    check: async (body, headers) =>
      Boolean(await new ElevenLabsClient({ apiKey: "k" }).webhooks.constructEvent(body, headers["elevenlabs-signature"], "wsec_golden")),
  },
};
