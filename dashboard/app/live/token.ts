// What a token says of itself, read to decide what to offer and never to trust: the gateway checks each request.

/** Whether its grants hold `hookcast/**`, the operator's. A wider pattern does not bring the gateway's own stream. */
export function grantsOperator(token: string | null): boolean {
  return grantsOf(token).includes("hookcast/**");
}

export function grantsOf(token: string | null): string[] {
  const [, payload] = token?.split(".") ?? [];
  if (payload === undefined) return [];
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const own = typeof claims === "object" && claims !== null && "hookcast" in claims ? claims.hookcast : null;
    const grants = typeof own === "object" && own !== null && "subscribe" in own ? own.subscribe : null;
    return Array.isArray(grants) ? grants.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}
