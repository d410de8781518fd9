//! `/metrics`, for Prometheus, on an address of its own: it is not for the world.

use axum::Router;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use metrics_process::Collector;

/// The one route of the metrics' own listener.
pub fn router(prometheus: PrometheusHandle) -> Router {
    let process = Collector::default();
    process.describe();
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Router::new().route(
        "/metrics",
        get(async move || {
            process.collect();
            prometheus.run_upkeep();
            ([(CONTENT_TYPE, text)], prometheus.render())
        }),
    )
}
