//! Where the core tells of itself in numbers.

use std::net::SocketAddr;

use super::ConfigError;

/// Where the core tells of itself in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metrics {
    /// The address to serve them on; none: nowhere.
    pub address: Option<SocketAddr>,
}

#[derive(clap::Args)]
pub(super) struct MetricsArgs {
    /// Address to serve Prometheus's metrics on (`/metrics`, without any check of who asks), or `none`.
    #[arg(long, env = "CORE_METRICS_LISTEN", default_value = "127.0.0.1:9091")]
    core_metrics_listen: String,
}

impl MetricsArgs {
    pub(super) fn read(self) -> Result<Metrics, ConfigError> {
        let Self { core_metrics_listen: text } = self;
        let address = if text == "none" { None } else { Some(text.parse()) };
        let wrong =
            |_| ConfigError::new("CORE_METRICS_LISTEN", "must be an address and a port, or none");
        Ok(Metrics { address: address.transpose().map_err(wrong)? })
    }
}
