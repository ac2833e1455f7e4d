//! Who is measured: processes of our own, or somebody else's that run already.

use super::{
    error::BenchError,
    form::Form,
    http::Http,
    loopback::Loopback,
    meters::{Cost, Each, Meters, Reading},
    mongo::Mongo,
    options::{Options, Store},
    own::Own,
};

/// A running edge, the simulated Meta at its other end, and the meters of all processes.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) http: Http,
    pub(super) edge: Loopback,
    pub(super) graph: Loopback,
    /// Writes requests of a load to the edge.
    pub(super) form: Form,
    meters: Meters,
    own: Option<Own>,
    mongo: Option<Mongo>,
}

impl Target {
    /// The target that the options name; without one, processes of our own.
    pub(super) async fn of(options: &Options) -> Result<Self, BenchError> {
        let http = Http::new(options.connections)?;
        let mongo = match (&options.mongodb_uri, options.store()) {
            (Some(uri), _) => Some(Mongo::join(uri).await?),
            (None, Store::MongoDb) => Some(Mongo::start().await?),
            (None, Store::Embedded) => None,
        };
        let (own, edge, graph) = match (&options.target, &options.graph) {
            (Some(edge), Some(graph)) => (None, edge.clone(), graph.clone()),
            _ => {
                let settings = mongo.as_ref().map(Mongo::settings);
                let own = Own::start(&http, options.folder.as_deref(), settings).await?;
                let (edge, graph) = (own.edge_address()?, own.graph_address()?);
                (Some(own), edge, graph)
            }
        };
        let meters = meters(options, own.as_ref(), mongo.as_ref());
        let no_address =
            |source| BenchError::Io { what: String::from("the edge\'s address"), source };
        let form = Form::new(edge.socket().map_err(no_address)?);
        Ok(Self { http, edge, graph, form, meters, own, mongo })
    }

    /// Begins a measurement.
    pub(super) async fn begin(&self) -> Result<Reading, BenchError> {
        self.meters.begin(&self.http, self.mongo.as_ref()).await
    }

    /// Ends it.
    pub(super) async fn end(&self, begun: Reading) -> Result<Cost, BenchError> {
        self.meters.end(&self.http, self.mongo.as_ref(), begun).await
    }

    /// Stops what was started here. After a failure its logs are kept.
    pub(super) async fn close(self, failed: bool) -> Result<(), BenchError> {
        let stopped = match self.own {
            Some(own) => own.stop(failed).await,
            None => Ok(()),
        };
        // After the core, which would write on.
        let closed = match self.mongo {
            Some(mongo) => mongo.close().await,
            None => Ok(()),
        };
        stopped.and(closed)
    }
}

fn meters(options: &Options, own: Option<&Own>, mongo: Option<&Mongo>) -> Meters {
    let (pids, stats) = match own {
        Some(own) => {
            let stats = own.core.note("stats ");
            let stats = stats.and_then(|at| format!("http://{at}").parse().ok());
            ((own.edge.pid(), own.core.pid(), own.meta.pid()), stats)
        }
        None => ((options.edge_pid, options.core_pid, options.meta_pid), options.stats.clone()),
    };
    let (edge, core, meta) = pids;
    let (mongod, load) = (mongo.map(|mongo| mongo.pid), Some(std::process::id()));
    Meters { pids: Each { edge, core, mongod, meta, load }, stats }
}
