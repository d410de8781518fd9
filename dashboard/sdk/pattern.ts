// Which topics a pattern hears. The gateway decides what a connection receives; the browser matches again
// because a live event comes once per connection, whoever of its subscriptions it is for. Pure.

/** The stream of a topic or pattern: its first segment, always literal. */
export function streamOf(pattern: string): string {
  const slash = pattern.indexOf("/");
  return slash < 0 ? pattern : pattern.slice(0, slash);
}

/** `*` is exactly one segment, a last `**` one or more. The pattern is read once, for it is asked of each event. */
export function matcher(pattern: string): (topic: string) => boolean {
  const wanted = pattern.split("/");
  const last = wanted.length - 1;
  return (topic) => {
    const given = topic.split("/");
    for (let at = 0; at <= last; at += 1) {
      const segment = wanted[at];
      if (segment === "**" && at === last) return given.length > at;
      if (at >= given.length || (segment !== "*" && segment !== given[at])) return false;
    }
    return wanted.length === given.length;
  };
}

export function matches(pattern: string, topic: string): boolean {
  return matcher(pattern)(topic);
}
