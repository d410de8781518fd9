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
			time: y(t.time),
			expires: y(t.expires)
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
function l(e, t, n, r) {
	let i = typeof n == "object" && "ageMs" in n ? { age_ms: n.ageMs } : n;
	return JSON.stringify({
		type: "subscribe",
		id: e,
		pattern: t,
		since: i,
		mode: r === void 0 ? void 0 : { latest_ms: r }
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
var x = 5e3, S = 1e4, C = "no connection to the gateway: does it run, and does it list this page's origin? (1006)";
function w(e) {
	return (t, n) => {
		let r = new e(t, "hookcast.v1");
		return r.onopen = () => n.open(), r.onmessage = ({ data: e }) => typeof e == "string" && n.frame(e), r.onclose = ({ code: e, reason: t }) => n.end(e, t), r.onerror = () => void 0, {
			send: (e) => r.readyState === 1 && r.send(e),
			close: () => r.close(1e3)
		};
	};
}
var T = class {
	events;
	isWelcome = !1;
	#e;
	#t;
	#n = x;
	#r = !1;
	constructor(e, t, r, i) {
		this.events = i, this.#a(x, "no welcome from the gateway within 5 s");
		try {
			this.#e = e(t, {
				open: () => {
					this.#r || (r !== null && this.send(c(r)), i.open().forEach((e) => this.send(e)));
				},
				frame: (e) => this.#i(e),
				end: (e, t) => this.#o(new n("closed", e === 1006 ? C : `the gateway closed the connection (${e})`, e), t)
			});
		} catch (e) {
			throw clearTimeout(this.#t), e;
		}
	}
	send(e) {
		this.#e.send(e);
	}
	expectWithin(e) {
		this.#a(e, `no answer within ${e / 1e3} s`);
	}
	drop() {
		this.#r = !0, clearTimeout(this.#t), this.#e.close();
	}
	#i(e) {
		if (this.#r) return;
		let t = s(e);
		t?.type === "welcome" && (this.isWelcome = !0, this.#n = t.heartbeatMs + S), this.isWelcome && this.#a(this.#n, "the gateway fell silent"), t && this.events.message(t);
	}
	#a(e, t) {
		clearTimeout(this.#t), this.#t = setTimeout(() => this.#o(new n("timeout", t), ""), e);
	}
	#o(e, t) {
		this.#r || (this.drop(), this.events.end(e, t));
	}
};
// sdk/pattern.ts
function E(e) {
	let t = e.indexOf("/");
	return t < 0 ? e : e.slice(0, t);
}
function D(e, t) {
	let n = e.split("/"), r = t.split("/");
	for (let [e, t] of n.entries()) {
		if (t === "**" && e === n.length - 1) return r.length > e;
		if (e >= r.length || t !== "*" && t !== r[e]) return !1;
	}
	return n.length === r.length;
}
// sdk/tell.ts
function O(e) {
	try {
		e();
	} catch (e) {
		queueMicrotask(() => {
			throw e;
		});
	}
}
// sdk/subscription.ts
var k = 4096, A = class {
	id;
	pattern;
	listener;
	since;
	latestMs;
	stream;
	phase = "asked";
	pace;
	refusals = 0;
	#e = null;
	#t = 0;
	#n = /* @__PURE__ */ new Set();
	#r = 0;
	constructor(e, t, n, r, i) {
		this.id = e, this.pattern = t, this.listener = n, this.since = r, this.latestMs = i, this.stream = E(t);
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
	hasAllTo(e) {
		this.phase === "live" && e.startsWith(`${this.#e}:`) && this.moves(e);
	}
	moves(e) {
		let t = e.lastIndexOf(":"), n = e.slice(0, t), r = Number(e.slice(t + 1));
		t < 1 || !Number.isSafeInteger(r) || (this.#t = n === this.#e ? Math.max(this.#t, r) : r, this.#e = n);
	}
	takes(e, t) {
		for (let n of e) {
			if (!(t || this.phase === "live" && this.latestMs === void 0 && D(this.pattern, n.topic)) || n.offset <= this.#t || this.phase === "ended" || (this.#t = n.offset, this.#i(n.event))) continue;
			let e = t && this.phase !== "live", { topic: r, offset: i, event: a, skipped: o } = n;
			O(() => this.listener.event({
				topic: r,
				stream: this.stream,
				offset: i,
				event: a,
				replayed: e,
				skipped: o
			}));
		}
	}
	misses(e, t) {
		e.reason === "epoch" && (this.#r = k), t !== null && this.moves(t), O(() => this.listener.gap?.(e));
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
		if (this.#r > 0 && --this.#r, this.#n.delete(t), this.#n.add(t), this.#n.size > k) for (let e of this.#n) {
			this.#n.delete(e);
			break;
		}
		return n;
	}
}, j = class {
	#e = /* @__PURE__ */ new Map();
	after(e, t, n) {
		this.clear(e), this.#e.set(e, setTimeout(() => {
			this.#e.delete(e), n();
		}, t));
	}
	clear(e) {
		clearTimeout(this.#e.get(e)), this.#e.delete(e);
	}
	clearAll() {
		for (let e of [...this.#e.keys()]) this.clear(e);
	}
}, M = 5e3;
function N() {
	let { document: e } = globalThis, t = Date.now();
	return {
		hiddenMs: () => e?.visibilityState === "hidden" ? Date.now() - t : null,
		listen(n) {
			let r = new AbortController(), i = (e, t, i) => e?.addEventListener?.(t, () => n(i()), { signal: r.signal });
			for (let e of ["pageshow", "focus"]) i(globalThis, e, () => "wake");
			i(globalThis, "online", () => "online"), i(globalThis, "offline", () => "offline"), i(globalThis, "pagehide", () => "leave"), i(e, "resume", () => "wake"), i(e, "visibilitychange", () => (t = Date.now(), e.visibilityState === "hidden" ? "hide" : "wake"));
			let a = Date.now(), o = setInterval(() => {
				Date.now() - a > 3 * M && n("wake"), a = Date.now();
			}, M);
			return t = a, () => {
				r.abort(), clearInterval(o);
			};
		}
	};
}
// sdk/client.ts
var P = 1e4, F = 1e4, I = 2e3, L = 2e4, R = 5e3, z = 3e4, B = 2e3, V = .8, H = 1e3, U = /* @__PURE__ */ new Set(["unavailable", "rate_limited"]), W = class {
	options;
	host;
	#e = { is: "idle" };
	#t = /* @__PURE__ */ new Set();
	#n = /* @__PURE__ */ new Map();
	#r = 1;
	#i = null;
	#a = "ws";
	#o = 0;
	#s = 0;
	#c = 0;
	#l = new j();
	#u = null;
	#d = !1;
	#f = [];
	#p = null;
	#m = null;
	constructor(e, t = N()) {
		this.options = e, this.host = t;
	}
	get state() {
		return this.#e;
	}
	onState(e) {
		let t = (t) => e(t);
		return this.#t.add(t), () => void this.#t.delete(t);
	}
	subscribe(e, t, n = {}) {
		let r = String(this.#r++), i = new A(r, e, t, n.since ?? "now", n.latestMs);
		return this.#n.set(r, i), this.#l.clear("linger"), this.#e.is === "idle" ? this.#g() : this.#F(i), this.#R(), () => this.#h(i);
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
		return this.#m === null ? Date.now() : Math.round(performance.now() + this.#m);
	}
	open() {
		this.#e.is === "closed" && (this.#o = this.#s = 0, this.#n.size > 0 ? this.#g() : this.#B({ is: "idle" }));
	}
	close() {
		this.#C({ is: "closed" });
	}
	#h(e) {
		this.#n.delete(e.id) && (this.#l.clear(`ask ${e.id}`), e.phase !== "ended" && this.#i?.send(u(e.id)), e.phase = "ended", this.#R(), this.#n.size === 0 && this.#e.is !== "closed" && this.#l.after("linger", R, () => this.#C({ is: "idle" })));
	}
	#g() {
		if (this.#l.clear("retry"), this.#u ??= this.host.listen((e) => this.#w(e)), this.options.whenHidden !== "keep" && (this.host.hiddenMs() ?? 0) > z) return this.#S("hidden");
		let e = ++this.#c;
		this.#B({
			is: "connecting",
			attempt: this.#o
		}), this.#l.after("dial", F, () => this.#b(new n("timeout", "url or token did not come within 10 s"), "")), this.#_().then((t) => e === this.#c && this.#v(...t), (t) => e === this.#c && this.#y(t));
	}
	async #_() {
		let { url: e, getToken: t } = this.options, n = new URL(typeof e == "string" ? e : await e(), globalThis.location?.href);
		return n.protocol = n.protocol.replace("http", "ws"), n.pathname === "/" && (n.pathname = "/ws"), [
			n,
			await t?.("connect") ?? null,
			w(this.options.WebSocket ?? WebSocket)
		];
	}
	#v(e, t, n) {
		this.#l.clear("dial");
		for (let e of this.#n.values()) e.phase !== "ended" && (e.phase = "asked");
		try {
			this.#i = new T(n, e.href, t, {
				open: () => [...this.#n.values()].filter((e) => e.phase !== "ended").map((e) => this.#I(e)),
				message: (e) => this.#O(e),
				end: (e, t) => this.#b(e, t)
			});
		} catch (e) {
			this.#y(e);
		}
	}
	#y(e) {
		e instanceof r ? this.#C({
			is: "closed",
			cause: new n("token", String(e))
		}) : this.#b(new n("network", String(e)), "");
	}
	#b(n, r) {
		if (this.#i && !this.#i.isWelcome && (n.closeCode ?? 1006) === 1006 && (this.#s += 1), this.#x(), n.closeCode !== null && t(n.closeCode)) return this.#C({
			is: "closed",
			cause: n
		});
		let i = this.#d ? L : e(this.#o, Math.random(), f(r));
		this.#o += 1, this.#B(this.#d ? {
			is: "suspended",
			why: "offline"
		} : {
			is: "waiting",
			until: Date.now() + i,
			cause: n
		}), this.#l.after("retry", i, () => this.#g());
	}
	#x() {
		this.#c += 1;
		for (let e of [
			"dial",
			"stable",
			"refresh"
		]) this.#l.clear(e);
		this.#i?.drop(), this.#i = null, this.#f = [];
	}
	#S(e) {
		this.#x(), this.#l.clear("retry"), this.#B({
			is: "suspended",
			why: e
		});
	}
	#C(e) {
		this.#x(), this.#l.clearAll(), this.#u?.(), this.#u = null, this.#B(e);
	}
	#w(e) {
		let { is: t } = this.#e;
		if (e === "hide") return this.#T();
		if (this.#d = e === "offline", e === "leave") return this.#S("hidden");
		this.host.hiddenMs() === null && this.#l.clear("hidden"), e === "online" && (this.#s = 0), t === "live" ? (this.#E(), this.#i?.send(d()), this.#i?.expectWithin(I)) : e === "offline" ? t === "waiting" && this.#B({
			is: "suspended",
			why: "offline"
		}) : (t === "waiting" || t === "suspended") && this.#g();
	}
	#T() {
		this.#E(), this.options.whenHidden === "close" && this.#l.after("hidden", z, () => this.#S("hidden"));
	}
	#E() {
		for (let e of this.#n.values()) e.phase !== "ended" && e.latestMs !== void 0 && e.pace !== this.#D(e) && this.#F(e);
	}
	#D({ latestMs: e }) {
		let t = (this.options.whenHidden ?? "slow") === "slow" && this.host.hiddenMs() !== null;
		return e !== void 0 && t ? Math.max(B, e) : e;
	}
	#O(e) {
		switch (e.type) {
			case "welcome":
				this.#z(e.time), this.#k(e.expires);
				break;
			case "events":
				for (let t of this.#M(e.id)) t.takes(e.events, e.id !== null);
				break;
			case "gap": {
				let { stream: t, from: n, to: r, reason: i, position: a } = e;
				for (let o of this.#M(e.id)) (e.id !== null || o.phase === "live" && o.stream === t) && o.misses({
					stream: t,
					from: n,
					to: r,
					reason: i
				}, a);
				break;
			}
			case "positions":
				this.#z(e.time), this.#N(e.positions);
				break;
			case "subscribed":
				this.#n.get(e.id)?.begins(e.position);
				break;
			case "live": {
				let t = this.#n.get(e.id);
				t?.goesLive(e.position), O(() => t?.listener.ready?.(this.positions()));
				break;
			}
			case "unsubscribed":
				this.#P(e.id, e.code ?? "unsubscribed", "the gateway ended this subscription");
				break;
			case "error": e.id !== null && this.#P(e.id, e.code, e.message);
		}
		this.#R();
	}
	#k(e) {
		this.#s = 0, this.#e.is !== "live" && (this.#l.after("stable", P, () => this.#o = 0), this.#B({
			is: "live",
			via: this.#a,
			catchingUp: this.#L(),
			stale: this.#f
		})), this.#p = e, this.#A();
	}
	#A() {
		let e = (this.#p ?? 0) - this.now();
		e > 0 && this.options.getToken && this.#l.after("refresh", Math.max(H, e * V), () => void this.#j());
	}
	async #j() {
		let e = this.#c;
		this.#A();
		try {
			let t = await this.options.getToken?.("refresh");
			t && e === this.#c && this.#i?.send(c(t));
		} catch (t) {
			e === this.#c && t instanceof r && this.#y(t);
		}
	}
	#M(e) {
		if (e === null) return [...this.#n.values()];
		let t = this.#n.get(e);
		return t ? [t] : [];
	}
	#N(e) {
		let t = /* @__PURE__ */ new Set();
		for (let n of this.#n.values()) {
			let r = e.get(n.stream);
			r === void 0 ? n.phase === "live" && t.add(n.stream) : n.hasAllTo(r);
		}
		this.#f = [...t];
	}
	#P(t, r, i) {
		let a = this.#n.get(t);
		a && a.phase !== "ended" && (r === "bad_position" && a.position !== null ? (a.losesPlace(), this.#F(a)) : U.has(r) ? (a.phase = "asked", this.#l.after(`ask ${t}`, e(a.refusals++, Math.random(), 500), () => this.#F(a))) : r !== "unknown_id" && (a.phase = "ended", O(() => a.listener.error?.(new n(r, i)))));
	}
	#F(e) {
		this.#i?.send(this.#I(e));
	}
	#I(e) {
		return e.pace = this.#D(e), l(e.id, e.pattern, e.resumesFrom, e.pace);
	}
	#L() {
		return [...this.#n.values()].filter(({ phase: e }) => e === "asked" || e === "catching").length;
	}
	#R() {
		this.#e.is === "live" && this.#B({
			is: "live",
			via: this.#a,
			catchingUp: this.#L(),
			stale: this.#f
		});
	}
	#z(e) {
		e !== null && (this.#m = e - performance.now());
	}
	#B(e) {
		if (JSON.stringify(e) !== JSON.stringify(this.#e)) {
			this.#e = e;
			for (let t of [...this.#t]) O(() => t(e));
		}
	}
};
// sdk/connect.ts
function G(e) {
	return new W(e);
}
export { n as HookcastError, r as UnauthorizedError, G as connect };
