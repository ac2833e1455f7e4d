//! A replica set of one or three servers.

use std::path::PathBuf;

use mongodb::{
    Client,
    bson::{Document, oid::ObjectId},
};

use crate::{
    Error, Nodes, Options, Server,
    access::{Access, ROOT},
    initiate::{initiate, is_primary},
    uri,
};

/// A set whose servers are ours. They end, and their folders go, when this is dropped.
///
/// Dropping waits until the processes are gone. Methods take `&self`, so that a set can be broken while
/// something else writes to it.
#[derive(Debug)]
pub struct ReplicaSet {
    name: String,
    servers: Vec<Server>,
    access: Option<Access>,
}

impl ReplicaSet {
    /// Starts the servers, forms the set, and waits until it has a primary that takes writes and all
    /// others follow it.
    ///
    /// # Errors
    /// When there is no `mongod`, or when the set does not come up.
    pub async fn start(options: Options) -> Result<Self, Error> {
        // A name of its own: a client of a set that is gone must not take this one for it.
        let name = format!("rs-{:08x}", rand::random::<u32>());
        let arguments = ["--replSet", &name];
        let access = options.access_control.then(Access::new);
        let server = || Server::start(&options, &arguments, access.as_ref());
        let servers = match options.nodes {
            Nodes::One => vec![server().await?],
            Nodes::Three => {
                let (a, b, c) = tokio::try_join!(server(), server(), server())?;
                vec![a, b, c]
            }
        };
        initiate(&name, &servers).await?;
        let set = Self { name, servers, access };
        if let Some(access) = &set.access {
            access.create_root(set.server(set.primary().await?)?.port()).await?;
        }
        Ok(set)
    }

    /// The connection string of the whole set: under access control that of the user who may do
    /// everything.
    #[must_use]
    pub fn uri(&self) -> String {
        let root = self.access.as_ref().map(|access| (ROOT, access.password.as_str()));
        uri::of_set(self.ports(), &self.name, root)
    }

    /// The connection string of another user. Name and password are letters and digits.
    #[must_use]
    pub fn uri_of(&self, user: &str, password: &str) -> String {
        uri::of_set(self.ports(), &self.name, Some((user, password)))
    }

    /// The connection string of somebody who does not say who they are.
    #[must_use]
    pub fn uri_of_nobody(&self) -> String {
        uri::of_set(self.ports(), &self.name, None)
    }

    /// A new client of the set, with the driver's defaults.
    ///
    /// # Errors
    /// When the driver cannot be set up.
    pub async fn client(&self) -> Result<Client, Error> {
        Ok(Client::with_uri_str(self.uri()).await?)
    }

    fn ports(&self) -> impl Iterator<Item = u16> {
        self.servers.iter().map(Server::port)
    }

    pub(crate) fn access(&self) -> Option<&Access> {
        self.access.as_ref()
    }

    /// How many nodes it has.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.servers.len()
    }

    /// One of the nodes.
    ///
    /// # Errors
    /// When there is none of this number.
    pub fn server(&self, node: usize) -> Result<&Server, Error> {
        let nodes = self.servers.len();
        self.servers.get(node).ok_or(Error::NoSuchNode { node, nodes })
    }

    /// The log of one of the nodes.
    ///
    /// # Errors
    /// When there is none of this number.
    pub fn log(&self, node: usize) -> Result<PathBuf, Error> {
        Ok(self.server(node)?.log())
    }

    /// The node that takes writes now, if there is one. Asks the nodes themselves.
    pub async fn primary_now(&self) -> Option<usize> {
        let mut newest: Option<(ObjectId, usize)> = None;
        for (node, server) in self.servers.iter().enumerate() {
            let Ok(hello) = server.hello().await else { continue };
            // One that was frozen believes for a moment that it still is: the newest election counts.
            let election = election(&hello);
            if is_primary(&hello) && newest.is_none_or(|(known, _)| known < election) {
                newest = Some((election, node));
            }
        }
        newest.map(|(_, node)| node)
    }
}

/// Grows with each election.
fn election(hello: &Document) -> ObjectId {
    hello.get_object_id("electionId").unwrap_or(ObjectId::from_bytes([0; 12]))
}

impl Drop for ReplicaSet {
    fn drop(&mut self) {
        // All at once: each server's own drop then only waits for what is under way.
        self.servers.iter().for_each(Server::release);
    }
}
