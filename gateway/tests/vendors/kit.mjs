// What the vendors' deliveries share: one clock, the plain rules of node:crypto, and how a golden is written.
import { createHash, createHmac, createPrivateKey, sign as signWith } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

export const require = createRequire(import.meta.url);

/** Seconds since 1970: when every golden was sent. */
export const NOW = 1_900_000_000;
export const ISO = "2030-03-17T17:46:40Z";

// Packages that look at the clock see the golden's moment.
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...parts) {
    if (parts.length) super(...parts);
    else super(NOW * 1_000);
  }
  static now() {
    return NOW * 1_000;
  }
};

export const hmac = (algorithm, key, encoding, ...parts) => {
  const mac = createHmac(algorithm, key);
  for (const part of parts) mac.update(part);
  return mac.digest(encoding);
};
export const hash = (text, encoding = "hex") => createHash("sha256").update(text).digest(encoding);

/** The key pair of RFC 8032's first test. */
export const ED25519 = {
  publicHex: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
  publicBase64: "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
  sign(message, encoding) {
    const der = "302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const key = createPrivateKey({ key: Buffer.from(der, "hex"), format: "der", type: "pkcs8" });
    return signWith(null, Buffer.from(message), key).toString(encoding);
  },
};

/** A compact JWS with HS256. */
export function jws(claims, secret, header = { alg: "HS256", typ: "JWT" }) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${hmac("sha256", secret, "base64url", signed)}`;
}

/** The headers of Standard Webhooks, or of Svix. */
export function standard(secret, id, body, prefix = "webhook") {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = `v1,${hmac("sha256", key, "base64", `${id}.${NOW}.${body}`)}`;
  return { [`${prefix}-id`]: id, [`${prefix}-timestamp`]: String(NOW), [`${prefix}-signature`]: signature };
}

/** `true` when a check that throws, or resolves to false, did neither. */
export async function holds(check) {
  try {
    return (await check()) !== false;
  } catch {
    return false;
  }
}

const version = (name) => {
  if (name.startsWith("node:")) return name;
  const path = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return `${name}@${JSON.parse(readFileSync(path, "utf8")).version}`;
};

/** One golden delivery as TOML. JSON's strings are TOML's. */
export function golden(delivery, headers, body) {
  const text = (value) => JSON.stringify(value).replaceAll("\u007f", "\\u007f");
  const lines = [
    `# ${delivery.how}`,
    `provider = ${text(delivery.provider)}`,
    `package = ${text(version(delivery.package))}`,
    `proof = ${text(delivery.proof)}`,
    `source = '''${delivery.source ?? `secrets = ["${delivery.secret}"]`}'''`,
    `now = ${delivery.now ?? NOW}`,
  ];
  if (delivery.url) lines.push(`url = ${text(delivery.url)}`);
  lines.push(`type = ${text(delivery.type)}`);
  if (delivery.id) lines.push(`id = ${text(delivery.id)}`);
  lines.push(`body = ${text(body)}`, "", "[headers]");
  for (const [name, value] of Object.entries(headers)) lines.push(`${name} = ${text(value)}`);
  return `${lines.join("\n")}\n`;
}
