//! Subscribers at the socket: a whole node over the memory broker, and clients that speak the wire.

mod catching_up;
mod ending;
mod hostile;
mod live;
mod node;
mod slow;
