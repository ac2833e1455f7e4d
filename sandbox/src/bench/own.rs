//! A service of our own to measure: Meta, core and edge as processes of this binary.

use std::{net::SocketAddr, path::Path};

use serde_json::json;
use tempfile::TempDir;

use super::{error::BenchError, http::Http, loopback::Loopback};
use crate::processes::{MongoDb, Plan, Process};

/// The three processes and their folder; both end with this value.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) edge: Process,
    pub(super) core: Process,
    pub(super) meta: Process,
    folder: TempDir,
}

impl Own {
    /// Starts them on free ports, in a folder made inside `parent`; the core on the embedded store
    /// there, or as its settings for MongoDB say.
    pub(super) async fn start(
        http: &Http,
        parent: Option<&Path>,
        mongo: Option<MongoDb>,
    ) -> Result<Self, BenchError> {
        let made = match parent {
            Some(parent) => TempDir::with_prefix_in("bench-", parent),
            None => TempDir::with_prefix("bench-"),
        };
        let io = |what: &str| {
            let what = what.to_owned();
            |source| BenchError::Io { what, source }
        };
        let folder = made.map_err(io("the temporary folder"))?;
        let binary = std::env::current_exe().map_err(io("the path of this binary"))?;
        let mut plan = Plan::new(binary, folder.path().to_owned());
        plan.mongodb = mongo;
        match Self::processes(http, &plan).await {
            Ok((meta, core, edge)) => Ok(Self { edge, core, meta, folder }),
            Err(error) => {
                keep(folder);
                Err(error)
            }
        }
    }

    async fn processes(
        http: &Http,
        plan: &Plan,
    ) -> Result<(Process, Process, Process), BenchError> {
        let meta = plan.meta().await?;
        let core = plan.core(meta.address(), "127.0.0.1:0").await?;
        let edge = plan.edge(core.address(), "127.0.0.1:0").await?;
        let url = address(edge.address(), "")?.at("/api/webhooks");
        let place = address(meta.address(), "/graph")?.below("_webhooks");
        let request = http.put(place).json(&json!({"url": url.as_str()}));
        http.json("telling Meta where webhooks go", request, &[200]).await?;
        Ok((meta, core, edge))
    }

    pub(super) fn edge_address(&self) -> Result<Loopback, BenchError> {
        address(self.edge.address(), "")
    }

    pub(super) fn graph_address(&self) -> Result<Loopback, BenchError> {
        address(self.meta.address(), "/graph")
    }

    /// Stops them from the outside in, so that none of them misses another.
    pub(super) async fn stop(self, failed: bool) -> Result<(), BenchError> {
        let Self { edge, core, meta, folder } = self;
        let mut well = true;
        for process in [edge, core, meta] {
            well &= process.terminate().await?;
        }
        if failed || !well {
            keep(folder);
        }
        if well {
            Ok(())
        } else {
            let answer = String::from("not every process ended with code 0");
            Err(BenchError::Refused { what: "stopping", answer })
        }
    }
}

/// Leaves the folder, for its logs say what went wrong.
fn keep(folder: TempDir) {
    eprintln!("the logs are kept in {}", folder.keep().display());
}

fn address(address: SocketAddr, path: &str) -> Result<Loopback, BenchError> {
    let text = format!("http://{address}{path}");
    text.parse().map_err(|answer| BenchError::Refused { what: "the address of a process", answer })
}
