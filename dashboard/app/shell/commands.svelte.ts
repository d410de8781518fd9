// What can be done, and by which key: screens say it while they are shown. The palette, the list of keys and the keyboard all read
// this one list, so that nothing is pressed that is not told.

export interface Command {
  /** `k`, `Space`, `ArrowLeft`, `Shift+ArrowLeft`, `Ctrl+s`, or one after the other: `g e`. Several are joined by `|`. Empty: palette only. */
  keys: string;
  title: string;
  /** A heading in the list of keys. */
  group: string;
  run: () => void;
}

/** Longest pause between the two of `g e`. */
const SEQUENCE_MS = 1_200;

class Commands {
  #groups = $state.raw<readonly (readonly Command[])[]>([]);
  /** The same, unwatched: who takes commands back when an effect ends would see the list as it stood before that effect's cause. */
  #held: readonly (readonly Command[])[] = [];
  #before: { key: string; at: number } | null = null;

  /** What was said last stands first, and wins a key. */
  readonly all: readonly Command[] = $derived(this.#groups.flat());

  /** Says what can be done until undone: `$effect(() => commands.add([…]))`. */
  add(group: readonly Command[]): () => void {
    this.#hold([group, ...this.#held]);
    return () => this.#hold(this.#held.filter((each) => each !== group));
  }

  #hold(groups: readonly (readonly Command[])[]): void {
    this.#held = groups;
    this.#groups = groups;
  }

  /** Takes a key that nobody nearer took. */
  press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const key = nameOf(event);
    if (key === null || (isBusy(event) && !key.startsWith("Ctrl+"))) return;
    const sequence = this.#before !== null && event.timeStamp - this.#before.at < SEQUENCE_MS ? `${this.#before.key} ${key}` : null;
    const found = (sequence !== null && this.#of(sequence)) || this.#of(key);
    this.#before = found ? null : { key, at: event.timeStamp };
    if (!found) return;
    event.preventDefault();
    found.run();
  }

  #of(key: string): Command | undefined {
    return this.all.find(({ keys }) => keys.split("|").includes(key));
  }
}

export const commands = new Commands();

function nameOf(event: KeyboardEvent): string | null {
  if (event.altKey || ["Control", "Meta", "Shift"].includes(event.key)) return null;
  const key = event.key === " " ? "Space" : event.key;
  const isNamed = key.length > 1;
  const control = event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  // A letter's case says Shift already.
  return `${control}${event.shiftKey && isNamed && key !== "?" ? "Shift+" : ""}${control === "" ? key : key.toLowerCase()}`;
}

/** Whoever writes, chooses in a list or answers a dialog means that, and not the screen behind it. */
function isBusy({ target, key }: KeyboardEvent): boolean {
  if (document.querySelector("dialog[open]")) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio], [type=button]), textarea, select")) return key !== "Escape";
  return (key === " " || key === "Enter") && target.matches("button, a, summary, [role=button], [role=tab], input");
}
