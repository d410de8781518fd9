//! What others want of a session: flags on its outlet, which its own task reads when it is woken. Nothing is queued.

use super::outlet::Outlet;

/// What was asked for since the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// A stream turned stale, or is current again: the session is to say its positions.
    pub positions: bool,
    /// An operator wants to know what the session is: that is said to the node, not to the peer.
    pub description: bool,
}

impl Outlet {
    /// Asks the session to say its positions at once.
    pub fn ask_positions(&self) {
        self.state().asked.positions = true;
        self.wake.notify_one();
    }

    /// Asks the session to describe itself.
    pub fn ask_description(&self) {
        self.state().asked.description = true;
        self.wake.notify_one();
    }

    /// Takes what was asked for. A socket that takes nothing gets no positions.
    pub fn take_asked(&self) -> Asked {
        let mut state = self.state();
        let asked = std::mem::take(&mut state.asked);
        Asked { positions: asked.positions && state.left_over.is_empty(), ..asked }
    }
}
