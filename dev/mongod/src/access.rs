//! Access control: the key that the servers of a set know each other by, and the first user.

use std::{fs, os::unix::fs::OpenOptionsExt, path::Path};

use mongodb::{
    Client,
    bson::{Document, doc},
};

use crate::{Error, ask::ask, faults::COMMAND, uri};

/// The user that may do everything.
pub(crate) const ROOT: &str = "root";

/// The secrets of one set, made for it.
pub(crate) struct Access {
    key: String,
    pub(crate) password: String,
}

impl Access {
    pub(crate) fn new() -> Self {
        let secret = || format!("{:032x}", rand::random::<u128>());
        Self { key: secret(), password: secret() }
    }

    /// Puts the key where a server is told to look for it. Servers refuse one that others may read.
    pub(crate) fn write_key(&self, path: &Path) -> Result<(), Error> {
        let open = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        open.and_then(|mut file| std::io::Write::write_all(&mut file, self.key.as_bytes()))
            .map_err(Error::system("writing the key of a replica set"))
    }

    /// Makes the first user, which a server allows to whoever comes from the same machine.
    pub(crate) async fn create_root(&self, primary: u16) -> Result<(), Error> {
        let command = doc! { "createUser": ROOT, "pwd": &self.password, "roles": [ROOT] };
        ask(primary, command, COMMAND).await.map(|_| ())
    }

    /// Runs a command as that user against the database `admin` of one server.
    pub(crate) async fn command(&self, port: u16, command: Document) -> Result<Document, Error> {
        let client =
            Client::with_uri_str(uri::of_server(port, Some((ROOT, &self.password)))).await?;
        let answer = client.database("admin").run_command(command).await;
        client.shutdown().immediate(true).await;
        Ok(answer?)
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Access")
    }
}
