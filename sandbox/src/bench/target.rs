//! Who is measured: processes of our own, or somebody else's that run already.

use super::{
    error::BenchError, http::Http, loopback::Loopback, meters::Meters, options::Options, own::Own,
};

/// A running edge, the simulated Meta at its other end, and the meters of both processes.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) http: Http,
    pub(super) edge: Loopback,
    pub(super) graph: Loopback,
    pub(super) meters: Meters,
    own: Option<Own>,
}

impl Target {
    /// The target that the options name; without one, processes of our own.
    pub(super) async fn of(options: &Options) -> Result<Self, BenchError> {
        let http = Http::new(options.connections)?;
        let (Some(edge), Some(graph)) = (&options.target, &options.graph) else {
            let own = Own::start(&http, options.folder.as_deref()).await?;
            let meters = Meters {
                core: own.core.pid(),
                edge: own.edge.pid(),
                stats: own.core.note("stats ").and_then(|at| format!("http://{at}").parse().ok()),
            };
            let (edge, graph) = (own.edge_address()?, own.graph_address()?);
            return Ok(Self { http, edge, graph, meters, own: Some(own) });
        };
        let meters =
            Meters { core: options.core_pid, edge: options.edge_pid, stats: options.stats.clone() };
        Ok(Self { http, edge: edge.clone(), graph: graph.clone(), meters, own: None })
    }

    /// Stops what was started here. After a failure its logs are kept.
    pub(super) async fn close(self, failed: bool) -> Result<(), BenchError> {
        match self.own {
            Some(own) => own.stop(failed).await,
            None => Ok(()),
        }
    }
}
