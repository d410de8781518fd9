// A listener of the page that throws must not keep the others from hearing: its error surfaces by itself.

export function tell(say: () => void): void {
  try {
    say();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
