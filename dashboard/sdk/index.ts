// What a page may use. `connect` is the way in.

export { connect } from "./connect.ts";
export { HookcastError, UnauthorizedError } from "./errors.ts";
export type { Client, How, Options, State } from "./options.ts";
export type { Gap, Listener, Message, Positions } from "./subscription.ts";
export type { Undo } from "./wake.ts";
export type { CloudEvent, GapReason, Since } from "./wire.ts";
