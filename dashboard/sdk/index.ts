// What a page may use. `connect` is the way in.

export { connect, type Client, type How, type Options, type State } from "./client.ts";
export { HookcastError, UnauthorizedError } from "./errors.ts";
export type { Gap, Listener, Message, Positions } from "./subscription.ts";
export type { Signal, Undo, WakeSource } from "./wake.ts";
export type { CloudEvent, GapReason, Since } from "./wire.ts";
