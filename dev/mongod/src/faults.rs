//! What can be done to a replica set.

use std::time::Duration;

use mongodb::bson::{Document, doc};

use crate::{
    Error, ReplicaSet,
    ask::ask,
    until::{Seen, until},
};

/// Elections take one to three seconds, more on a busy machine.
const ELECTION: Duration = Duration::from_secs(60);
/// Longer than any command here takes on a server that is alive.
pub(crate) const COMMAND: Duration = Duration::from_secs(30);

impl ReplicaSet {
    /// The node that takes writes; waits for an election if there is none.
    ///
    /// # Errors
    /// When there is none for a minute.
    pub async fn primary(&self) -> Result<usize, Error> {
        until("a primary", ELECTION, async || {
            Ok(match self.primary_now().await {
                Some(node) => Seen::Yes(node),
                None => Seen::NotYet("no primary".to_owned()),
            })
        })
        .await
    }

    /// SIGKILL; returns when the process is gone.
    ///
    /// # Errors
    /// When there is no such node.
    pub async fn kill(&self, node: usize) -> Result<(), Error> {
        self.server(node)?.kill().await
    }

    /// Starts a node that was killed, in the same folder and on the same port. Returns when it
    /// answers; it may still have to catch up.
    ///
    /// # Errors
    /// When it does not start, or there is no such node.
    pub async fn restart(&self, node: usize) -> Result<(), Error> {
        self.server(node)?.restart().await
    }

    /// SIGSTOP: the node keeps its connections and answers nothing.
    ///
    /// # Errors
    /// When there is no such node.
    pub async fn stop(&self, node: usize) -> Result<(), Error> {
        self.server(node)?.stop().await
    }

    /// SIGCONT.
    ///
    /// # Errors
    /// When there is no such node.
    pub async fn cont(&self, node: usize) -> Result<(), Error> {
        self.server(node)?.cont().await
    }

    /// Demotes the primary. In a set of three another one follows at once; a single node is without a
    /// primary for two seconds and then becomes it again.
    ///
    /// # Errors
    /// When there is no primary, or when it refuses.
    pub async fn step_down(&self) -> Result<(), Error> {
        let alone = self.nodes() == 1;
        let (period, catch_up) = if alone { (2, 0) } else { (30, 10) };
        let command = doc! {
            "replSetStepDown": period,
            "secondaryCatchUpPeriodSecs": catch_up,
            "force": alone,
        };
        self.command(self.primary().await?, command).await.map(|_| ())
    }

    /// Sets a fail point on the primary of now, and says which node that is: taking it back later is a
    /// [`command`](Self::command) to the same node.
    ///
    /// # Errors
    /// When there is no primary, or when it refuses: fail points need `test_commands`.
    pub async fn configure_fail_point(&self, fail_point: Document) -> Result<usize, Error> {
        let primary = self.primary().await?;
        self.command(primary, fail_point).await?;
        Ok(primary)
    }

    /// Runs a command against the database `admin` of one node.
    ///
    /// # Errors
    /// When the node does not answer or refuses.
    pub async fn command(&self, node: usize, command: Document) -> Result<Document, Error> {
        let port = self.server(node)?.port();
        match self.access() {
            None => ask(port, command, COMMAND).await,
            Some(access) => access.command(port, command).await,
        }
    }
}
