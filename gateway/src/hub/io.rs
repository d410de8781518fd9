//! What a connection's messages are written to: its own socket, or a pipe to whoever puts them into another form.

use std::io;

use tokio::net::{TcpStream, UnixStream};

/// A byte stream that is written without waiting.
#[derive(Debug)]
pub enum Io {
    Socket(TcpStream),
    /// One end of a pair; the other is read by a transport of this process.
    Pipe(UnixStream),
}

impl From<TcpStream> for Io {
    fn from(socket: TcpStream) -> Self {
        Self::Socket(socket)
    }
}

impl From<UnixStream> for Io {
    fn from(pipe: UnixStream) -> Self {
        Self::Pipe(pipe)
    }
}

impl Io {
    /// Cancel safe, as is [`Io::writable`]: readiness is kept.
    pub async fn readable(&self) -> io::Result<()> {
        match self {
            Self::Socket(socket) => socket.readable().await,
            Self::Pipe(pipe) => pipe.readable().await,
        }
    }

    pub async fn writable(&self) -> io::Result<()> {
        match self {
            Self::Socket(socket) => socket.writable().await,
            Self::Pipe(pipe) => pipe.writable().await,
        }
    }

    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Socket(socket) => socket.try_read(buffer),
            Self::Pipe(pipe) => pipe.try_read(buffer),
        }
    }

    pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Socket(socket) => socket.try_write(bytes),
            Self::Pipe(pipe) => pipe.try_write(bytes),
        }
    }

    pub(super) fn try_write_vectored(&self, slices: &[io::IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Socket(socket) => socket.try_write_vectored(slices),
            Self::Pipe(pipe) => pipe.try_write_vectored(slices),
        }
    }

    /// We say no more; the peer may still.
    pub(super) fn shut_down(&self) {
        let socket = match self {
            Self::Socket(socket) => socket2::SockRef::from(socket),
            Self::Pipe(pipe) => socket2::SockRef::from(pipe),
        };
        let _ = socket.shutdown(std::net::Shutdown::Write);
    }
}
