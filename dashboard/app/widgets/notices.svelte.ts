// Notifications of the browser: asked for by a click and by nothing else.

class Notices {
  permission = $state<NotificationPermission>("Notification" in globalThis ? Notification.permission : "denied");

  async ask(): Promise<void> {
    if ("Notification" in globalThis) this.permission = await Notification.requestPermission();
  }

  /** One of a `tag` takes the place of the one before. */
  say(title: string, body: string, tag: string): void {
    if (this.permission !== "granted") return;
    try {
      new Notification(title, { body, tag, icon: "/favicon.svg" });
    } catch {
      // Some telephones show notifications of service workers only.
    }
  }
}

export const notices = new Notices();
