//! What the core tells of itself in numbers, in Prometheus's text form on a listener of its own.
//!
//! Every metric is named, described and held here. To add one: a constant, a field, a line in
//! [`Metrics::default`], and a method that says what happened.
//!
//! Invariant: numbers belong to one core and not to its process, and have no label that names a person.

use std::time::Duration;

use axum::{Router, http::header::CONTENT_TYPE, routing::get};
use metrics::{Counter, Gauge, Key, Level, Metadata, Recorder as _, Unit};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::domain::journal::Backlog;

/// Seconds since the oldest delivery that waits came, or was asked for again; 0 when none waits.
pub const OLDEST_WAITING: &str = "journal_oldest_waiting_seconds";
/// Deliveries that wait, counted up to 10,000.
pub const WAITING: &str = "journal_waiting";
/// Deliveries that were asked for again and were not let in yet, counted up to 10,000.
pub const AGAIN: &str = "journal_asked_for_again";
/// Deliveries that were given up or applied in part, counted up to 10,000.
pub const FAILED: &str = "journal_failed";
/// Elements that this core has set aside since it started.
pub const SET_ASIDE: &str = "journal_elements_set_aside_total";

/// Prometheus's text form.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The numbers of one core. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    oldest: Gauge,
    waiting: Gauge,
    again: Gauge,
    failed: Gauge,
    set_aside: Counter,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let made = Maker(PrometheusBuilder::new().build_recorder());
        Self {
            oldest: made.gauge(
                OLDEST_WAITING,
                Unit::Seconds,
                "Age of the oldest delivery that waits.",
            ),
            waiting: made.gauge(WAITING, Unit::Count, "Deliveries that wait."),
            again: made.gauge(AGAIN, Unit::Count, "Deliveries asked for again, not let in yet."),
            failed: made.gauge(FAILED, Unit::Count, "Deliveries given up or applied in part."),
            set_aside: made.counter(SET_ASIDE, Unit::Count, "Elements set aside."),
            handle: made.0.handle(),
        }
    }
}

impl Metrics {
    /// How much the journal is behind, and how old what waits is.
    pub fn journal(&self, backlog: &Backlog, age: Duration) {
        let Backlog { waiting, oldest: _, again, failed } = *backlog;
        self.oldest.set(age.as_secs_f64());
        self.waiting.set(waiting);
        self.again.set(again);
        self.failed.set(failed);
    }

    /// Elements were set aside.
    pub fn set_aside(&self, count: usize) {
        self.set_aside.increment(count as u64);
    }

    /// All of them, as text.
    pub fn render(&self) -> String {
        self.handle.render()
    }
}

/// Makes metrics that are described.
struct Maker(PrometheusRecorder);

impl Maker {
    const ABOUT: Metadata<'static> =
        Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

    fn gauge(&self, name: &'static str, unit: Unit, what: &'static str) -> Gauge {
        self.0.describe_gauge(name.into(), Some(unit), what.into());
        self.0.register_gauge(&Key::from_static_name(name), &Self::ABOUT)
    }

    fn counter(&self, name: &'static str, unit: Unit, what: &'static str) -> Counter {
        self.0.describe_counter(name.into(), Some(unit), what.into());
        self.0.register_counter(&Key::from_static_name(name), &Self::ABOUT)
    }
}

/// Serves `GET /metrics` until `stop`.
pub async fn serve(metrics: Metrics, listener: TcpListener, stop: CancellationToken) {
    let text = async move || ([(CONTENT_TYPE, TEXT)], metrics.render());
    let router = Router::new().route("/metrics", get(text));
    let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(%error, "metrics are served no more");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_core_has_numbers_of_its_own() {
        let (one, other) = (Metrics::default(), Metrics::default());
        let backlog = Backlog { waiting: 3, failed: 2, ..Backlog::default() };
        one.journal(&backlog, Duration::from_millis(1_500));
        one.set_aside(4);
        let text = one.render();
        for (name, value) in
            [(OLDEST_WAITING, "1.5"), (WAITING, "3"), (AGAIN, "0"), (FAILED, "2"), (SET_ASIDE, "4")]
        {
            assert!(text.contains(&format!("\n{name} {value}\n")), "{name}: {text}");
            assert!(text.contains(&format!("# HELP {name} ")), "{name}: {text}");
        }
        assert!(!other.render().contains(&format!("{WAITING} 3")));
    }
}
