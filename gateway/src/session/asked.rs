//! What others want of a session: its own task does it once it is woken.

use super::Session;

impl Session {
    /// Does what others have asked for. What was left over is written: every stream that had left goes on. The hub knows
    /// them all; a subscription may be live there already and not yet known to be so here. A stream turned stale, or is
    /// current again: that is said at once. An operator wants to know what we are: so is that.
    pub fn answer_others(&self) {
        let asked = self.outlet.take_asked();
        if asked.positions {
            self.say_positions();
        }
        if asked.description {
            self.answer_survey();
        }
        for stream in self.outlet.ask_detached() {
            self.sessions.hub.resume(self.outlet.session, stream);
        }
    }
}
