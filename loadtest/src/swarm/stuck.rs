//! Subscribers that stop reading, and read again.

use anyhow::{Context, Result};
use nix::sys::epoll::{EpollEvent, EpollFlags};

use super::Swarm;

/// What the kernel keeps for a subscriber that never reads: the less, the sooner it is stuck.
const STUCK_BYTES: usize = 4096;
/// And for one that reads again: with the small window it would read for minutes.
const WELL_BYTES: usize = 1 << 20;

impl Swarm {
    /// Turns the last `count` subscribers into ones that never read again.
    pub(crate) fn get_stuck(&mut self, count: usize) -> Result<()> {
        let stuck = self.subscribers.split_off(self.subscribers.len().saturating_sub(count));
        for subscriber in &stuck {
            let stream = subscriber.stream.as_ref().context("a live subscriber has a socket")?;
            socket2::SockRef::from(stream).set_recv_buffer_size(STUCK_BYTES)?;
            self.epoll.delete(stream)?;
        }
        self.stuck.extend(stuck);
        Ok(())
    }

    /// Lets those who were stuck read again.
    pub(crate) fn get_well(&mut self) -> Result<()> {
        for subscriber in std::mem::take(&mut self.stuck) {
            let stream = subscriber.stream.as_ref().context("a stuck subscriber has a socket")?;
            socket2::SockRef::from(stream).set_recv_buffer_size(WELL_BYTES)?;
            let index = self.subscribers.len() as u64;
            self.epoll.add(stream, EpollEvent::new(EpollFlags::EPOLLIN, index))?;
            self.subscribers.push(subscriber);
        }
        Ok(())
    }
}
