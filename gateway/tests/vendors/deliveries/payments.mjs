// Who takes and moves money.
import Stripe from "stripe";
import { WebhooksHelper } from "square";
import { Paddle } from "@paddle/paddle-node-sdk";
import { validateEvent } from "@polar-sh/sdk/webhooks.js";
import DodoPayments from "dodopayments";
import Lithic from "lithic";
import ModernTreasury from "modern-treasury";

import { NOW, hmac, require, standard } from "../kit.mjs";

const { hmacValidator: HmacValidator } = require("@adyen/api-library");
const { Cashfree, CFEnvironment } = require("cashfree-pg");
const EasyPost = require("@easypost/api");
const Razorpay = require("razorpay");
const braintree = require("braintree");
const { Webhook: CoinbaseWebhook } = require("coinbase-commerce-node");
const goCardless = require("gocardless-nodejs/webhooks");
const { WebhookSignatureValidator } = require("mercadopago");

const STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ADYEN = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
const BRAINTREE = { environment: braintree.Environment.Sandbox, merchantId: "m", publicKey: "golden_public", privateKey: "golden_private" };

export default {
  stripe: {
    package: "stripe",
    how: "stripe.webhooks.generateTestHeaderString({payload, secret, timestamp})",
    proof: "signed",
    secret: "whsec_golden",
    type: "payment_intent.succeeded",
    id: "evt_3PwGqzLkdIwHu7ix0c9AhXyZ",
    body: '{\n  "id": "evt_3PwGqzLkdIwHu7ix0c9AhXyZ",\n  "object": "event",\n  "type": "payment_intent.succeeded",\n  "data": {"object": {"amount": 4999, "currency": "eur"}}\n}',
    sign: async (payload) => ({
      "stripe-signature": new Stripe("sk").webhooks.generateTestHeaderString({ payload, secret: "whsec_golden", timestamp: NOW }),
    }),
    check: (body, headers) => Boolean(new Stripe("sk").webhooks.constructEvent(body, headers["stripe-signature"], "whsec_golden")),
  },
  square: {
    package: "square",
    how: "base64 HMAC-SHA256 of `{url}{body}`; WebhooksHelper.verifySignature takes it",
    proof: "verified",
    secret: "golden secret",
    url: "https://gateway.example.com/hooks/s",
    type: "payment.created",
    id: "13b867cf-db3d-4b1c-90b6-2f32a9d78124",
    body: '{"merchant_id":"6SSW7HV8K2ST5","type":"payment.created","event_id":"13b867cf-db3d-4b1c-90b6-2f32a9d78124","data":{"type":"payment","id":"KkAkhdMsgzn59SM8A89WgKwekxLZY"}}',
    sign: async (body) => ({
      "x-square-hmacsha256-signature": hmac("sha256", "golden secret", "base64", "https://gateway.example.com/hooks/s", body),
    }),
    check: (requestBody, headers) =>
      WebhooksHelper.verifySignature({
        requestBody,
        signatureHeader: headers["x-square-hmacsha256-signature"],
        signatureKey: "golden secret",
        notificationUrl: "https://gateway.example.com/hooks/s",
      }),
  },
  paddle: {
    package: "@paddle/paddle-node-sdk",
    how: "hex HMAC-SHA256 of `{ts}:{body}`; paddle.webhooks.unmarshal takes it",
    proof: "verified",
    secret: "pdl_ntfset_golden",
    type: "transaction.completed",
    id: "evt_01hv8wptq8987qeep44cyrewp9",
    body: '{"event_id":"evt_01hv8wptq8987qeep44cyrewp9","event_type":"transaction.completed","occurred_at":"2030-03-17T17:46:40Z","notification_id":"ntf_01","data":{"id":"txn_01","status":"completed","items":[]}}',
    sign: async (body) => ({ "paddle-signature": `ts=${NOW};h1=${hmac("sha256", "pdl_ntfset_golden", "hex", `${NOW}:${body}`)}` }),
    check: (body, headers) => new Paddle("k").webhooks.isSignatureValid(body, "pdl_ntfset_golden", headers["paddle-signature"]),
  },
  adyen: {
    package: "@adyen/api-library",
    how: "new HmacValidator().calculateHmac(item, key), into each item of the batch",
    proof: "signed",
    bodyIsFree: true,
    secret: ADYEN,
    type: "AUTHORISATION",
    body: '{"live":"false","notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":"?"},"amount":{"value":1130,"currency":"EUR"},"pspReference":"7914073381342284","eventCode":"AUTHORISATION","eventDate":"2030-03-17T17:46:40+01:00","merchantAccountCode":"TestMerchant","merchantReference":"Payment-1","success":"true"}}]}',
    sign: async (text) => {
      const body = JSON.parse(text);
      for (const { NotificationRequestItem: item } of body.notificationItems) {
        item.additionalData.hmacSignature = new HmacValidator().calculateHmac(item, ADYEN);
      }
      return { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    },
    check: (body) =>
      JSON.parse(body).notificationItems.every(({ NotificationRequestItem: item }) => new HmacValidator().validateHMAC(item, ADYEN)),
  },
  "adyen-platform": {
    package: "@adyen/api-library",
    how: "base64 HMAC-SHA256 of the body; HmacValidator.validateHMACSignature takes it",
    proof: "verified",
    secret: ADYEN,
    type: "balancePlatform.transfer.created",
    body: '{"data":{"id":"01234","balancePlatform":"YOUR_BALANCE_PLATFORM","amount":{"value":1000,"currency":"EUR"}},"environment":"test","type":"balancePlatform.transfer.created"}',
    sign: async (body) => ({ hmacsignature: hmac("sha256", Buffer.from(ADYEN, "hex"), "base64", body), protocol: "HmacSHA256" }),
    check: (body, headers) => new HmacValidator().validateHMACSignature(ADYEN, headers.hmacsignature, body),
  },
  razorpay: {
    package: "razorpay",
    how: "hex HMAC-SHA256 of the body; Razorpay.validateWebhookSignature takes it",
    proof: "verified",
    secret: "golden secret",
    type: "payment.captured",
    id: "evt_razorpay_1",
    body: '{"entity":"event","event":"payment.captured","payload":{"payment":{"entity":{"id":"pay_1","amount":100}}}}',
    sign: async (body) => ({
      "x-razorpay-signature": hmac("sha256", "golden secret", "hex", body),
      "x-razorpay-event-id": "evt_razorpay_1",
    }),
    check: (body, headers) => Razorpay.validateWebhookSignature(body, headers["x-razorpay-signature"], "golden secret"),
  },
  braintree: {
    package: "braintree",
    how: "gateway.webhookTesting.sampleNotification(kind, id), as a form",
    proof: "signed",
    secret: "golden_public:golden_private",
    type: "notification",
    body: "subscription_went_past_due",
    sign: async (kind) => {
      const form = new braintree.BraintreeGateway(BRAINTREE).webhookTesting.sampleNotification(kind, "my_id");
      return {
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(form).toString(),
      };
    },
    check: async (body) => {
      const form = new URLSearchParams(body);
      const gateway = new braintree.BraintreeGateway(BRAINTREE);
      return Boolean(await gateway.webhookNotification.parse(form.get("bt_signature"), form.get("bt_payload")));
    },
  },
  "coinbase-commerce": {
    package: "coinbase-commerce-node",
    how: "Webhook.computeSignature(body, secret)",
    proof: "signed",
    secret: "golden secret",
    type: "charge:confirmed",
    id: "24934862-d980-46cb-9402-43c81b0cdba6",
    body: '{"id":"1","scheduled_for":"2030-03-17T17:46:40Z","event":{"id":"24934862-d980-46cb-9402-43c81b0cdba6","type":"charge:confirmed","resource":"event"}}',
    sign: async (body) => ({ "x-cc-webhook-signature": CoinbaseWebhook.computeSignature(body, "golden secret") }),
    check: (body, headers) => CoinbaseWebhook.verifySigHeader(body, headers["x-cc-webhook-signature"], "golden secret"),
  },
  gocardless: {
    package: "gocardless-nodejs",
    how: "hex HMAC-SHA256 of the body; webhooks.parse takes it",
    proof: "verified",
    secret: "golden secret",
    type: "payments.confirmed",
    id: "EV000DJ4AF5PHJ",
    body: '{"events":[{"id":"EV000DJ4AF5PHJ","created_at":"2030-03-17T17:46:40.000Z","action":"confirmed","resource_type":"payments","links":{"payment":"PM1"}}],"meta":{"webhook_id":"WB1"}}',
    sign: async (body) => ({ "webhook-signature": hmac("sha256", "golden secret", "hex", body) }),
    check: (body, headers) => Boolean(goCardless.parse(body, "golden secret", headers["webhook-signature"])),
  },
  "mercado-pago": {
    package: "mercadopago",
    how: "hex HMAC-SHA256 of `id:…;request-id:…;ts:…;`; WebhookSignatureValidator.validate takes it",
    proof: "verified",
    bodyIsFree: true,
    secret: "golden secret",
    url: "https://gateway.example.com/hooks/s?data.id=123456&type=payment",
    type: "payment.updated",
    id: "987",
    body: '{"action":"payment.updated","api_version":"v1","data":{"id":"123456"},"id":987,"type":"payment"}',
    sign: async () => ({
      "x-signature": `ts=${NOW},v1=${hmac("sha256", "golden secret", "hex", `id:123456;request-id:bb56a2f1;ts:${NOW};`)}`,
      "x-request-id": "bb56a2f1",
    }),
    check: (_body, headers) => {
      const [xSignature, xRequestId] = [headers["x-signature"], headers["x-request-id"]];
      return WebhookSignatureValidator.validate({ xSignature, xRequestId, dataId: "123456", secret: "golden secret" });
    },
  },
  polar: {
    package: "@polar-sh/sdk",
    how: "Standard Webhooks' rule with the whole secret as text; validateEvent's check of the signature takes it",
    proof: "verified",
    secret: "polar_whs_golden",
    type: "checkout.created",
    id: "msg_polar",
    body: '{"type":"checkout.created","timestamp":"2030-03-17T17:46:40Z","data":{"id":"1dbfc517-0bbf-4301-9ba8-555ca42b9737"}}',
    sign: async (body) => standard(Buffer.from("polar_whs_golden").toString("base64"), "msg_polar", body),
    check: (body, headers) => {
      try {
        validateEvent(body, headers, "polar_whs_golden");
      } catch (error) {
        // The short body is no whole checkout; only its signature is asked about here.
        if (error.name === "WebhookVerificationError" || error.constructor.name === "WebhookVerificationError") throw error;
      }
      return true;
    },
  },
  "dodo-payments": {
    package: "dodopayments",
    how: "Standard Webhooks' rule; client.webhooks.unwrap takes it",
    proof: "verified",
    secret: STANDARD,
    type: "payment.succeeded",
    id: "msg_dodo",
    body: '{"business_id":"bus_1","type":"payment.succeeded","timestamp":"2030-03-17T17:46:40Z","data":{"payment_id":"pay_1"}}',
    sign: async (body) => standard(STANDARD, "msg_dodo", body),
    check: (body, headers) => Boolean(new DodoPayments({ bearerToken: "t" }).webhooks.unwrap(body, { headers, key: STANDARD })),
  },
  lithic: {
    package: "lithic",
    how: "Standard Webhooks' rule; client.webhooks.unwrap takes it",
    proof: "verified",
    secret: STANDARD,
    type: "card.created",
    id: "msg_lithic",
    body: '{"event_type":"card.created","card_token":"00000000-0000-0000-0000-000000000001"}',
    sign: async (body) => standard(STANDARD, "msg_lithic", body),
    check: (body, headers) => Boolean(new Lithic({ apiKey: "k" }).webhooks.unwrap(body, headers, STANDARD)),
  },
  cashfree: {
    package: "cashfree-pg",
    how: "base64 HMAC-SHA256 of `{ts}{body}`; PGVerifyWebhookSignature takes it",
    proof: "verified",
    secret: "golden secret",
    type: "PAYMENT_SUCCESS_WEBHOOK",
    body: '{"data":{"order":{"order_id":"order_1","order_amount":2}},"event_time":"2030-03-17T17:46:40Z","type":"PAYMENT_SUCCESS_WEBHOOK"}',
    sign: async (body) => ({
      "x-webhook-signature": hmac("sha256", "golden secret", "base64", `${NOW}000${body}`),
      "x-webhook-timestamp": `${NOW}000`,
    }),
    check: (body, headers) => {
      const cashfree = new Cashfree(CFEnvironment.SANDBOX, "id", "golden secret");
      const [signature, timestamp] = ["signature", "timestamp"].map((name) => headers[`x-webhook-${name}`]);
      return Boolean(cashfree.PGVerifyWebhookSignature(signature, body, timestamp));
    },
  },
  easypost: {
    package: "@easypost/api",
    how: "`hmac-sha256-hex=` and the hex HMAC-SHA256 of the body; client.Utils.validateWebhook takes it",
    proof: "verified",
    secret: "golden secret",
    type: "tracker.updated",
    id: "evt_easypost_1",
    body: '{"id":"evt_easypost_1","object":"Event","description":"tracker.updated","result":{"id":"trk_1","status":"delivered"}}',
    sign: async (body) => ({ "x-hmac-signature": `hmac-sha256-hex=${hmac("sha256", "golden secret", "hex", body)}` }),
    check: (body, headers) =>
      Boolean(new (EasyPost.default ?? EasyPost)("k").Utils.validateWebhook(Buffer.from(body), headers, "golden secret")),
  },
  "modern-treasury": {
    package: "modern-treasury",
    how: "client.webhooks.getSignature(body, {key})",
    proof: "signed",
    secret: "golden secret",
    type: "payment_order.created",
    body: '{"event":"created","data":{"id":"c1","object":"payment_order","amount":1000}}',
    sign: async (body) => ({
      "x-signature": new ModernTreasury({ apiKey: "k", organizationID: "o" }).webhooks.getSignature(body, { key: "golden secret" }),
      "x-topic": "payment_order",
    }),
    check: (body, headers) =>
      new ModernTreasury({ apiKey: "k", organizationID: "o" }).webhooks.validateSignature(body, headers, { key: "golden secret" }),
  },
};
