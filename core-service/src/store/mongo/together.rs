//! Whoever does together what waits in a line, a group at a time.
//!
//! Invariant: every group runs to its end as a task of its own, whether or not somebody still waits for
//! it, and a panic in one is the failure of that group alone.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio_util::task::TaskTracker;

use super::line::{Line, Work};
use crate::store::StoreError;

/// What is done with a group.
pub(super) trait Job: Send + Sync + 'static {
    /// What waits.
    type Item: Send + Sync + 'static;
    /// What each is answered.
    type Answer: Send + 'static;
    /// The most of a group.
    const GROUP: usize;

    /// The next group, when one can start.
    fn gather(
        line: &mut Line<Self::Item, Self::Answer>,
    ) -> Option<Vec<Work<Self::Item, Self::Answer>>>;

    /// Does it, and answers each.
    fn run(&self, group: Vec<Work<Self::Item, Self::Answer>>) -> impl Future<Output = ()> + Send;
}

struct Shared<J: Job> {
    job: Arc<J>,
    line: Mutex<Line<J::Item, J::Answer>>,
    tasks: TaskTracker,
}

/// Does a job for all who wait.
pub(super) struct Together<J: Job>(Arc<Shared<J>>);

impl<J: Job> Together<J> {
    pub(super) fn new(job: J) -> Self {
        let (line, tasks) = (Mutex::new(Line::new(J::GROUP)), TaskTracker::new());
        Self(Arc::new(Shared { job: Arc::new(job), line, tasks }))
    }

    /// Has it done with others, within this time.
    pub(super) async fn ask(
        &self,
        item: J::Item,
        bytes: usize,
        patience: Duration,
    ) -> Result<J::Answer, StoreError> {
        let ticket = self.0.line().enter(item, bytes, patience)?;
        Arc::clone(&self.0).start();
        ticket.answer().await
    }

    /// Takes nothing more and waits for what is under way.
    pub(super) async fn close(&self) {
        self.0.line().close();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

impl<J: Job> Shared<J> {
    fn line(&self) -> MutexGuard<'_, Line<J::Item, J::Answer>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(self: Arc<Self>) {
        loop {
            let Some(group) = J::gather(&mut self.line()) else { return };
            let shared = Arc::clone(&self);
            self.tasks.spawn(async move {
                let job = Arc::clone(&shared.job);
                if let Err(panic) = tokio::spawn(async move { job.run(group).await }).await {
                    tracing::error!(%panic, "work for many panicked");
                }
                shared.line().finish();
                shared.start();
            });
        }
    }
}
