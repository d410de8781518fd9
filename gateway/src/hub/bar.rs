//! What must not be written any more although a stream's task does not know it yet.

use super::outlet::Outlet;
use super::ticket::Number;

impl Outlet {
    /// No stream writes live events until the one that serves this subscription has obeyed its end: what comes meanwhile
    /// waits in the window, as behind a full socket. So `unsubscribed` can be said at once.
    pub fn bar(&self, number: Number) {
        self.state().barred.push(number);
    }

    /// The subscription is out of its stream's live ones.
    pub fn unbar(&self, number: Number) {
        let mut state = self.state();
        let before = state.barred.len();
        state.barred.retain(|it| *it != number);
        if state.barred.len() < before {
            // Streams that found it barred are to go on.
            self.wake.notify_one();
        }
    }

    /// Whoever is on the other side may not have what waits for it: that is dropped, and with it, in the middle of a message,
    /// the connection. Nothing happens where nothing waits.
    pub fn cut_if_blocked(&self) {
        let mut state = self.state();
        if !state.left_over.is_empty() {
            state.break_off();
            self.wake.notify_one();
        }
    }
}
