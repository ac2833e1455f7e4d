//! A database of a test's own.

use std::{thread, time::Duration};

use mongodb::{Client, options::ClientOptions};

/// How long a test may be held up by dropping its database.
const LIMIT: Duration = Duration::from_secs(10);

/// The name of a database that nobody else uses. The database itself is made by its first write, and
/// dropped with this, as well as that goes: a test that is killed leaves it to the end of the server.
#[derive(Debug)]
pub struct Database {
    uri: String,
    name: String,
}

impl Database {
    pub(crate) fn fresh(uri: String) -> Self {
        Self { uri, name: format!("test-{:016x}", rand::random::<u64>()) }
    }

    /// The connection string of the set that it is in.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The runtime of the test may be ending, and must not be blocked on from within: so a thread
        // with a runtime of its own. What fails here fails no test.
        let (uri, name) = (self.uri.clone(), self.name.clone());
        let _ = thread::spawn(move || remove(&uri, &name)).join();
    }
}

fn remove(uri: &str, name: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return };
    runtime.block_on(async {
        let _ = tokio::time::timeout(LIMIT, remove_now(uri, name)).await;
    });
}

async fn remove_now(uri: &str, name: &str) -> mongodb::error::Result<()> {
    let mut options = ClientOptions::parse(uri).await?;
    options.server_selection_timeout = Some(LIMIT);
    let client = Client::with_options(options)?;
    client.database(name).drop().await?;
    client.shutdown().immediate(true).await;
    Ok(())
}
