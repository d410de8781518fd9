//! The bare handler: what taking a delivery costs in the framework that a gateway is built on, when nothing is done
//! with it. It reads the body and answers. Beside it stands what verifying, deduplicating and keeping add.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{io, thread};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Serves until the process that started it closes our standard input.
pub(crate) fn serve() -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_io().build()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("listen on loopback")?;
        println!("bare handler on http://{}", listener.local_addr()?);
        let offset = Arc::new(AtomicU64::new(0));
        let routes = Router::new().route("/hooks/{source}", post(take)).with_state(offset);
        let server = tokio::spawn(async move { axum::serve(listener, routes).await });
        parent_is_gone().await;
        server.abort();
        Ok(())
    })
}

async fn take(State(offset): State<Arc<AtomicU64>>, body: Bytes) -> (StatusCode, String) {
    let offset = offset.fetch_add(1, Ordering::Relaxed) + 1;
    let outcome = if body.is_empty() { "empty" } else { "accepted" };
    (StatusCode::ACCEPTED, format!(r#"{{"outcome":"{outcome}","position":"bare:{offset}"}}"#))
}

async fn parent_is_gone() {
    let (gone, told) = oneshot::channel();
    thread::spawn(move || {
        // An error means the same as the end: nobody holds the other side.
        let _ = io::stdin().read(&mut [0]);
        // Nobody listens any more only when this process ends anyway.
        let _ = gone.send(());
    });
    let _ = told.await;
}
