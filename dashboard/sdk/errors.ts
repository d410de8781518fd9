// What can go wrong, as a caller can act on it.

/** `code` is the gateway's (`forbidden`, `bad_pattern`, …) or `closed`, `timeout`, `network`, `token`. */
export class HookcastError extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** The WebSocket close code, where there was one. */
    readonly closeCode: number | null = null,
  ) {
    super(message);
    this.name = "HookcastError";
  }
}

/** Thrown by `getToken`: there is no token to be had, so the client stops instead of trying again. */
export class UnauthorizedError extends Error {}
