//! What an edge logs, for tests to read.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tracing::{level_filters::LevelFilter, subscriber::DefaultGuard};

/// What is logged on this thread, where the edge of a test runs.
pub struct Logged {
    written: Arc<Mutex<Vec<u8>>>,
    _until_dropped: DefaultGuard,
}

impl Logged {
    pub fn start() -> Self {
        Self::down_to(LevelFilter::INFO)
    }

    /// Whatever is logged, by us and by everything that we are made of.
    pub fn everything() -> Self {
        Self::down_to(LevelFilter::TRACE)
    }

    fn down_to(level: LevelFilter) -> Self {
        let written = Arc::new(Mutex::new(Vec::new()));
        let writer = Arc::clone(&written);
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_max_level(level);
        let subscriber = subscriber.with_writer(move || Pen(Arc::clone(&writer))).finish();
        Self { written, _until_dropped: tracing::subscriber::set_default(subscriber) }
    }

    pub fn lines(&self, with: &str) -> Vec<String> {
        let written = String::from_utf8_lossy(&self.written.lock().expect("lock")).into_owned();
        written.lines().filter(|line| line.contains(with)).map(ToOwned::to_owned).collect()
    }
}

struct Pen(Arc<Mutex<Vec<u8>>>);

impl io::Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
