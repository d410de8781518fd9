"""Writes a golden delivery for each vendor whose package for Python verifies webhooks and whose package for Node.js does not.

    python sign.py FOLDER [NAME...]

Each is checked by the vendor's package before it is written, and again with one byte of its body changed: that must fail.
The goldens look as sign.mjs writes them.
"""

import base64
import datetime
import hashlib
import hmac
import json
import pathlib
import sys
from importlib import metadata

import finch.resources.webhooks as finch_webhooks
import standardwebhooks.webhooks as standard_webhooks
from finch import Finch
from increase import Increase
from sinch.domains.authentication.sinch_events.v1.authentication_validation import (
    validate_sinch_event_signature_with_nonce,
)

NOW = 1_900_000_000
STANDARD = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Then(datetime.datetime):
    """Packages that look at the clock see the golden's moment."""

    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(NOW, tz)


finch_webhooks.datetime = Then
standard_webhooks.datetime = Then


def mac(key, message):
    return base64.b64encode(hmac.new(key, message.encode(), hashlib.sha256).digest()).decode()


def standard(names, message_id, body, key):
    identifier, timestamp, signature = names
    signed = mac(key, f"{message_id}.{NOW}.{body}")
    return {identifier: message_id, timestamp: str(NOW), signature: f"v1,{signed}"}


def finch_sign(body):
    return standard(("finch-event-id", "finch-timestamp", "finch-signature"), "evt_finch_1", body, base64.b64decode(STANDARD))


def finch_check(body, headers):
    client = Finch(access_token="t", client_id="i", client_secret="s")
    client.webhooks.verify_signature(body, headers, secret=STANDARD)
    return True


def increase_sign(body):
    return standard(("webhook-id", "webhook-timestamp", "webhook-signature"), "msg_increase", body, b"golden secret")


def increase_check(body, headers):
    # A key given as text would be decoded; the client's own secret is taken as it stands.
    Increase(api_key="k", webhook_secret="golden secret").events.unwrap(body, headers=headers)
    return True


def sinch_sign(body):
    return {
        "x-sinch-webhook-signature": mac(b"golden secret", f"{body}.01FJA8B4A7BM43YGWSG9GBV067.{NOW}"),
        "x-sinch-webhook-signature-algorithm": "HmacSHA256",
        "x-sinch-webhook-signature-nonce": "01FJA8B4A7BM43YGWSG9GBV067",
        "x-sinch-webhook-signature-timestamp": str(NOW),
    }


def sinch_check(body, headers):
    return validate_sinch_event_signature_with_nonce("golden secret", headers, body)


DELIVERIES = {
    "finch": {
        "package": "finch-api",
        "how": "Standard Webhooks' rule under Finch's own header names; client.webhooks.verify_signature takes it",
        "secret": STANDARD,
        "type": "employment.updated",
        "id": "evt_finch_1",
        "body": '{"company_id":"720be419","event_type":"employment.updated","data":{"individual_id":"5d0b10a1"}}',
        "sign": finch_sign,
        "check": finch_check,
    },
    "increase": {
        "package": "increase",
        "how": "Standard Webhooks' rule, but the secret is text; client.events.unwrap takes it",
        "secret": "golden secret",
        "type": "account_transfer.updated",
        "id": "msg_increase",
        "body": '{"id":"event_123abc","type":"event","category":"account_transfer.updated","associated_object_id":"a1"}',
        "sign": increase_sign,
        "check": increase_check,
    },
    "sinch": {
        "package": "sinch",
        "how": "base64 HMAC-SHA256 of `{body}.{nonce}.{ts}`; validate_sinch_event_signature_with_nonce takes it",
        "secret": "golden secret",
        "type": "MESSAGE_INBOUND",
        "id": "01FJA8B4A7BM43YGWSG9GBV067",
        "body": '{"app_id":"01E9DQJFPWGZ2T05XTVZAD0BYB","message":{"id":"m1","contact_message":{"text_message":{"text":"Hi"}}}}',
        "sign": sinch_sign,
        "check": sinch_check,
    },
}


def holds(check, body, headers):
    try:
        return check(body, headers) is not False
    except Exception:
        return False


def golden(name, delivery, headers):
    # JSON's strings are TOML's.
    lines = [
        f"# {delivery['how']}",
        f"provider = {json.dumps(name)}",
        f"package = {json.dumps(delivery['package'] + '@' + metadata.version(delivery['package']))}",
        'proof = "verified"',
        f"source = '''secrets = [\"{delivery['secret']}\"]'''",
        f"now = {NOW}",
        f"type = {json.dumps(delivery['type'])}",
        f"id = {json.dumps(delivery['id'])}",
        f"body = {json.dumps(delivery['body'], ensure_ascii=False)}",
        "",
        "[headers]",
        *(f"{header} = {json.dumps(value)}" for header, value in headers.items()),
    ]
    return "\n".join(lines) + "\n"


def main(folder, names):
    written = failed = 0
    for name, delivery in DELIVERIES.items():
        if names and name not in names:
            continue
        body = delivery["body"]
        headers = {"content-type": "application/json", **delivery["sign"](body)}
        changed = body.replace("a", "b", 1)
        if holds(delivery["check"], body, headers) and not holds(delivery["check"], changed, headers):
            pathlib.Path(folder, f"{name}.toml").write_text(golden(name, delivery, headers), encoding="utf-8")
            written += 1
        else:
            print(f"{name}: its own package refuses it, or takes a changed body")
            failed += 1
    print(f"{written} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
