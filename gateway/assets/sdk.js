function e(e, t, n) {
	let r = Math.min(2e4, 500 * 2 ** Math.min(e, 16));
	return Math.round(Math.min(3e5, n) + t * r);
}
function t(e) {
	return e >= 4500 && e <= 4999;
}
// sdk/errors.ts
var n = class extends Error {
	code;
	closeCode;
	constructor(e, t, n = null) {
		super(t), this.code = e, this.closeCode = n, this.name = "HookcastError";
	}
}, r = class extends Error {}, i = 1e3;
async function* a(e, t) {
	let n = [], r = null, a = null, s = () => void 0, c = (e) => {
		let t = n.length >= i ? n.shift() : void 0;
		t && (r = o(r, t)), n.push(e), s();
	}, l = e({
		event: c,
		gap: c,
		error(e) {
			a = e, s();
		}
	}), u = () => s();
	t?.addEventListener("abort", u);
	try {
		for (; !t?.aborted;) {
			let e = r ?? n.shift();
			if (r = null, e) yield e;
			else if (a) throw a;
			else await new Promise((e) => s = e);
		}
	} finally {
		t?.removeEventListener("abort", u), l();
	}
}
function o(e, t) {
	let n = "offset" in t ? t.offset : t.from, r = "offset" in t ? t.offset : t.to;
	return {
		stream: t.stream,
		from: e ? e.from : n,
		to: r,
		reason: "client"
	};
}
// sdk/wire.ts
function s(e) {
	let t;
	try {
		t = JSON.parse(e);
	} catch {
		return null;
	}
	if (!g(t)) return null;
	switch (t.type) {
		case "welcome": return {
			type: "welcome",
			heartbeatMs: v(t.heartbeat_ms) ?? 25e3,
			build: _(t.build) ?? "",
			time: y(t.time)
		};
		case "subscribed":
		case "live": return p(t.type, t);
		case "events": return Array.isArray(t.events) ? {
			type: "events",
			id: _(t.id),
			events: t.events.flatMap(h)
		} : null;
		case "gap": return m(t);
		case "positions": return {
			type: "positions",
			positions: b(t.positions),
			time: y(t.time)
		};
		case "unsubscribed": return {
			type: "unsubscribed",
			id: _(t.id) ?? "",
			code: _(t.code)
		};
		case "error": return {
			type: "error",
			id: _(t.id),
			code: _(t.code) ?? "unknown",
			message: _(t.message) ?? ""
		};
		case "pong": return { type: "pong" };
		default: return null;
	}
}
function c(e) {
	return JSON.stringify({
		type: "auth",
		token: e
	});
}
function l(e, t, n) {
	let r = typeof n == "object" && "ageMs" in n ? { age_ms: n.ageMs } : n;
	return JSON.stringify({
		type: "subscribe",
		id: e,
		pattern: t,
		since: r
	});
}
function u(e) {
	return JSON.stringify({
		type: "unsubscribe",
		id: e
	});
}
function d() {
	return JSON.stringify({ type: "ping" });
}
function f(e) {
	try {
		let t = JSON.parse(e);
		return Math.max(0, g(t) && v(t.retry_ms) || 0);
	} catch {
		return 0;
	}
}
function p(e, t) {
	let n = _(t.id), r = _(t.position);
	return n === null || r === null ? null : {
		type: e,
		id: n,
		position: r
	};
}
function m(e) {
	let t = _(e.stream);
	return t === null ? null : {
		type: "gap",
		id: _(e.id),
		stream: t,
		reason: _(e.reason) ?? "epoch",
		from: v(e.from),
		to: v(e.to),
		position: _(e.position)
	};
}
function h(e) {
	if (!g(e)) return [];
	let t = v(e.offset), n = _(e.topic), r = e.event;
	return t === null || n === null || !g(r) ? [] : [{
		offset: t,
		topic: n,
		event: r,
		skipped: v(e.skipped)
	}];
}
function g(e) {
	return typeof e == "object" && !!e && !Array.isArray(e);
}
function _(e) {
	return typeof e == "string" ? e : null;
}
function v(e) {
	return Number.isSafeInteger(e) ? e : null;
}
function y(e) {
	let t = typeof e == "string" ? Date.parse(e) : NaN;
	return Number.isNaN(t) ? null : t;
}
function b(e) {
	let t = g(e) ? Object.entries(e) : [];
	return new Map(t.filter((e) => typeof e[1] == "string"));
}
// sdk/socket.ts
var x = 5e3, S = 1e4, C = class {
	events;
	#e;
	#t;
	#n = x;
	#r = !1;
	constructor(e, t, r, i) {
		this.events = i, this.#e = new e(t, "hookcast.v1"), this.#a(x, "no welcome from the gateway within 5 s"), this.#e.onopen = () => {
			if (!this.#r) {
				r !== null && this.#e.send(c(r));
				for (let e of i.open()) this.#e.send(e);
			}
		}, this.#e.onmessage = ({ data: e }) => this.#i(e), this.#e.onclose = ({ code: e, reason: t }) => this.#o(new n("closed", `the gateway closed the connection (${e})`, e), t), this.#e.onerror = () => void 0;
	}
	send(e) {
		this.#e.readyState === 1 && this.#e.send(e);
	}
	expectWithin(e) {
		this.#a(e, `no answer within ${e / 1e3} s`);
	}
	drop() {
		this.#r = !0, clearTimeout(this.#t), this.#e.close(1e3);
	}
	#i(e) {
		if (this.#r || typeof e != "string") return;
		let t = s(e);
		t?.type === "welcome" && (this.#n = t.heartbeatMs + S), this.#n !== x && this.#a(this.#n, "the gateway fell silent"), t && this.events.message(t);
	}
	#a(e, t) {
		clearTimeout(this.#t), this.#t = setTimeout(() => this.#o(new n("timeout", t), ""), e);
	}
	#o(e, t) {
		this.#r || (this.drop(), this.events.end(e, t));
	}
};
// sdk/pattern.ts
function w(e) {
	let t = e.indexOf("/");
	return t < 0 ? e : e.slice(0, t);
}
function T(e, t) {
	let n = e.split("/"), r = t.split("/");
	for (let [e, t] of n.entries()) {
		if (t === "**" && e === n.length - 1) return r.length > e;
		if (e >= r.length || t !== "*" && t !== r[e]) return !1;
	}
	return n.length === r.length;
}
// sdk/subscription.ts
var E = 4096, D = class {
	id;
	pattern;
	listener;
	since;
	stream;
	phase = "asked";
	refusals = 0;
	#e = null;
	#t = 0;
	#n = /* @__PURE__ */ new Set();
	#r = 0;
	constructor(e, t, n, r) {
		this.id = e, this.pattern = t, this.listener = n, this.since = r, this.stream = w(t);
	}
	get position() {
		return this.#e === null ? null : `${this.#e}:${this.#t}`;
	}
	get offset() {
		return this.#t;
	}
	get resumesFrom() {
		let e = this.position;
		return e === null ? this.since : { position: e };
	}
	begins(e) {
		this.phase = "catching", this.refusals = 0, this.moves(e);
	}
	goesLive(e) {
		this.moves(e), this.phase = "live";
	}
	moves(e) {
		let t = e.lastIndexOf(":"), n = e.slice(0, t), r = Number(e.slice(t + 1));
		t < 1 || !Number.isSafeInteger(r) || (this.#t = n === this.#e ? Math.max(this.#t, r) : r, this.#e = n);
	}
	takes(e, t) {
		for (let n of e) {
			if (!(t || this.phase === "live" && T(this.pattern, n.topic)) || n.offset <= this.#t || this.phase === "ended" || (this.#t = n.offset, this.#i(n.event))) continue;
			let e = t && this.phase !== "live";
			this.listener.event({
				topic: n.topic,
				stream: this.stream,
				offset: n.offset,
				event: n.event,
				replayed: e,
				skipped: n.skipped
			});
		}
	}
	misses(e, t) {
		e.reason === "epoch" && (this.#r = E), t !== null && this.moves(t), this.listener.gap?.(e);
	}
	losesPlace() {
		this.#e = null, this.#t = 0, this.since = "now", this.misses({
			stream: this.stream,
			from: null,
			to: null,
			reason: "epoch"
		}, null);
	}
	#i(e) {
		let t = JSON.stringify([e.source, e.id]), n = this.#r > 0 && this.#n.has(t);
		if (this.#r > 0 && --this.#r, this.#n.delete(t), this.#n.add(t), this.#n.size > E) for (let e of this.#n) {
			this.#n.delete(e);
			break;
		}
		return n;
	}
}, O = 5e3, k = (e) => {
	let t = [], n = (n, r, i) => {
		if (typeof n?.addEventListener != "function") return;
		let a = () => {
			let t = i();
			t && e(t);
		};
		n.addEventListener(r, a), t.push(() => n.removeEventListener(r, a));
	}, { document: r } = globalThis;
	for (let e of [
		"online",
		"pageshow",
		"focus"
	]) n(globalThis, e, () => "wake");
	n(globalThis, "offline", () => "offline"), n(globalThis, "pagehide", () => "leave"), n(r, "resume", () => "wake"), n(r, "visibilitychange", () => r.visibilityState === "visible" ? "wake" : null);
	let i = Date.now(), a = setInterval(() => {
		Date.now() - i > 3 * O && e("wake"), i = Date.now();
	}, O);
	return t.push(() => clearInterval(a)), () => t.forEach((e) => e());
};
// sdk/client.ts
function A(e) {
	return new L(e);
}
var j = 1e4, M = 1e4, N = 2e3, P = 2e4, F = 5e3, I = /* @__PURE__ */ new Set(["unavailable", "rate_limited"]), L = class {
	options;
	#e = { is: "idle" };
	#t = /* @__PURE__ */ new Set();
	#n = /* @__PURE__ */ new Map();
	#r = 1;
	#i = null;
	#a = 0;
	#o = 0;
	#s = /* @__PURE__ */ new Map();
	#c = null;
	#l = !1;
	#u = [];
	#d = 0;
	constructor(e) {
		this.options = e;
	}
	get state() {
		return this.#e;
	}
	onState(e) {
		return this.#t.add(e), () => void this.#t.delete(e);
	}
	subscribe(e, t, n = {}) {
		let r = String(this.#r++), i = new D(r, e, t, n.since ?? "now");
		return this.#n.set(r, i), this.#j("linger"), this.#e.is === "idle" ? this.#p() : this.#T(i), this.#D(), () => this.#f(i);
	}
	events(e, t = {}) {
		return a((n) => this.subscribe(e, n, t), t.signal);
	}
	positions() {
		let e = /* @__PURE__ */ new Map();
		for (let t of this.#n.values()) {
			let n = e.get(t.stream);
			t.position !== null && (!n || t.offset < n.offset) && e.set(t.stream, t);
		}
		return Object.fromEntries([...e].map(([e, { position: t }]) => [e, t ?? ""]));
	}
	now() {
		return Date.now() + this.#d;
	}
	open() {
		this.#e.is === "closed" && (this.#a = 0, this.#n.size > 0 ? this.#p() : this.#k({ is: "idle" }));
	}
	close() {
		this.#y({ is: "closed" });
	}
	#f(e) {
		this.#n.delete(e.id) && (this.#j(`ask ${e.id}`), e.phase !== "ended" && this.#i?.send(u(e.id)), e.phase = "ended", this.#D(), this.#n.size === 0 && this.#e.is !== "closed" && this.#A("linger", F, () => this.#y({ is: "idle" })));
	}
	#p() {
		this.#j("retry"), this.#c ??= (this.options.wake ?? k)((e) => this.#b(e));
		let e = ++this.#o;
		this.#k({
			is: "connecting",
			attempt: this.#a
		}), this.#A("dial", M, () => this.#_(new n("timeout", "url or token did not come within 10 s"), "")), this.#m().then(([t, n]) => e === this.#o && this.#h(t, n), (t) => e === this.#o && this.#g(t));
	}
	async #m() {
		let { url: e, getToken: t } = this.options;
		return [typeof e == "string" ? e : await e(), await t?.("connect") ?? null];
	}
	#h(e, t) {
		this.#j("dial");
		for (let e of this.#n.values()) e.phase !== "ended" && (e.phase = "asked");
		try {
			this.#i = new C(this.options.WebSocket ?? WebSocket, e, t, {
				open: () => [...this.#n.values()].filter((e) => e.phase !== "ended").map(R),
				message: (e) => this.#x(e),
				end: (e, t) => this.#_(e, t)
			});
		} catch (e) {
			this.#g(e);
		}
	}
	#g(e) {
		let t = new n(e instanceof r ? "token" : "network", String(e));
		e instanceof r ? this.#y({
			is: "closed",
			cause: t
		}) : this.#_(t, "");
	}
	#_(n, r) {
		if (this.#v(), n.closeCode !== null && t(n.closeCode)) return this.#y({
			is: "closed",
			cause: n
		});
		let i = this.#l ? P : e(this.#a, Math.random(), f(r));
		this.#a += 1, this.#k(this.#l ? {
			is: "suspended",
			why: "offline"
		} : {
			is: "waiting",
			until: Date.now() + i,
			cause: n
		}), this.#A("retry", i, () => this.#p());
	}
	#v() {
		this.#o += 1, this.#j("dial"), this.#j("stable"), this.#i?.drop(), this.#i = null, this.#u = [];
	}
	#y(e) {
		this.#v();
		for (let e of [...this.#s.keys()]) this.#j(e);
		this.#c?.(), this.#c = null, this.#k(e);
	}
	#b(e) {
		let { is: t } = this.#e;
		this.#l = e === "offline", e === "leave" ? (this.#v(), this.#j("retry"), this.#k({
			is: "suspended",
			why: "hidden"
		})) : e === "offline" ? t === "waiting" && this.#k({
			is: "suspended",
			why: "offline"
		}) : t === "waiting" || t === "suspended" ? this.#p() : t === "live" && (this.#i?.send(d()), this.#i?.expectWithin(N));
	}
	#x(e) {
		switch (e.type) {
			case "welcome":
				this.#O(e.time), this.#A("stable", j, () => this.#a = 0), this.#k({
					is: "live",
					via: "ws",
					catchingUp: this.#E(),
					stale: this.#u
				});
				break;
			case "events":
				for (let t of this.#S(e.id)) t.takes(e.events, e.id !== null);
				break;
			case "gap": {
				let { stream: t, from: n, to: r, reason: i, position: a } = e;
				for (let o of this.#S(e.id)) (e.id !== null || o.phase === "live" && o.stream === t) && o.misses({
					stream: t,
					from: n,
					to: r,
					reason: i
				}, a);
				break;
			}
			case "positions":
				this.#O(e.time), this.#C(e.positions);
				break;
			case "subscribed":
				this.#n.get(e.id)?.begins(e.position);
				break;
			case "live": {
				let t = this.#n.get(e.id);
				t?.goesLive(e.position), t?.listener.ready?.(this.positions());
				break;
			}
			case "unsubscribed":
				this.#w(e.id, e.code ?? "unsubscribed", "the gateway ended this subscription");
				break;
			case "error": e.id !== null && this.#w(e.id, e.code, e.message);
		}
		this.#D();
	}
	#S(e) {
		if (e === null) return [...this.#n.values()];
		let t = this.#n.get(e);
		return t ? [t] : [];
	}
	#C(e) {
		let t = /* @__PURE__ */ new Set();
		for (let n of this.#n.values()) {
			let r = e.get(n.stream);
			n.phase === "live" && (r === void 0 ? t.add(n.stream) : n.moves(r));
		}
		this.#u = [...t];
	}
	#w(t, r, i) {
		let a = this.#n.get(t);
		a && a.phase !== "ended" && (r === "bad_position" && a.position !== null ? (a.losesPlace(), this.#T(a)) : I.has(r) ? (a.phase = "asked", this.#A(`ask ${t}`, e(a.refusals++, Math.random(), 500), () => this.#T(a))) : r !== "unknown_id" && (a.phase = "ended", a.listener.error?.(new n(r, i))));
	}
	#T(e) {
		this.#i?.send(R(e));
	}
	#E() {
		return [...this.#n.values()].filter(({ phase: e }) => e === "asked" || e === "catching").length;
	}
	#D() {
		this.#e.is === "live" && this.#k({
			is: "live",
			via: "ws",
			catchingUp: this.#E(),
			stale: this.#u
		});
	}
	#O(e) {
		e !== null && (this.#d = e - Date.now());
	}
	#k(e) {
		if (JSON.stringify(e) !== JSON.stringify(this.#e)) {
			this.#e = e;
			for (let t of [...this.#t]) t(e);
		}
	}
	#A(e, t, n) {
		this.#j(e), this.#s.set(e, setTimeout(() => {
			this.#s.delete(e), n();
		}, t));
	}
	#j(e) {
		clearTimeout(this.#s.get(e)), this.#s.delete(e);
	}
};
function R(e) {
	return l(e.id, e.pattern, e.resumesFrom);
}
export { n as HookcastError, r as UnauthorizedError, A as connect };
