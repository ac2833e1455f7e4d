//! Hints: that a log grew, that a delivery came, that something is to be sent; within this process at
//! once, to other processes through one small document per process and a change stream on it.
//!
//! `tell` writes this process's document, `hear` follows the others', `poll` looks at the heads of the logs
//! that somebody listens to. A process that is alone neither tells nor hears.
//!
//! Invariant: a hint is never early; it may be lost, and then the poll is at most a second behind.

mod hear;
mod poll;
mod tell;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{Notify, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::db::Db;
use crate::{
    domain::{event::Position, owner::Owner},
    store::tails::Tails,
};

/// What other processes are to be told.
#[derive(Debug, Default)]
struct News {
    heads: HashMap<Owner, Position>,
    arrived: bool,
    queued: bool,
}

impl News {
    fn is_empty(&self) -> bool {
        let Self { heads, arrived, queued } = self;
        heads.is_empty() && !arrived && !queued
    }
}

/// The most heads of one telling; the poll tells the rest.
const HEADS: usize = 4_096;

/// Carries hints.
#[derive(Debug)]
pub(super) struct Wakes {
    tails: Tails,
    arrivals: watch::Sender<u64>,
    queued: watch::Sender<u64>,
    others: watch::Sender<bool>,
    news: Mutex<News>,
    told: Notify,
}

impl Wakes {
    pub(super) fn new() -> Self {
        Self {
            tails: Tails::default(),
            arrivals: watch::Sender::new(0),
            queued: watch::Sender::new(0),
            others: watch::Sender::new(false),
            news: Mutex::default(),
            told: Notify::new(),
        }
    }

    /// Starts telling and hearing, until `stop`. `process` names this one.
    pub(super) fn start(
        self: &Arc<Self>,
        db: &Db,
        process: &str,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) {
        // Boxed: they are large, and only one of each exists.
        let tell = Box::pin(tell::run(Arc::clone(self), db.clone(), process.to_owned()));
        let hear = Box::pin(hear::run(Arc::clone(self), db.clone(), process.to_owned()));
        let poll = Box::pin(poll::run(Arc::clone(self), db.clone()));
        let stop = stop.clone();
        tasks.spawn(async move {
            let all = async { tokio::join!(tell, hear, poll) };
            stop.run_until_cancelled(all).await;
        });
    }

    /// Says whether there are other processes.
    pub(super) fn set_others(&self, others: bool) {
        self.others.send_if_modified(|known| std::mem::replace(known, others) != others);
    }

    /// A batch was committed.
    pub(super) fn committed(&self, owner: &Owner, position: Position, queued: bool) {
        self.tails.announce(owner, position);
        if queued {
            self.queued.send_modify(|count| *count += 1);
        }
        self.tell(|news| {
            if news.heads.len() < HEADS {
                news.heads.insert(owner.clone(), position);
            }
            news.queued |= queued;
        });
    }

    /// A delivery was kept.
    pub(super) fn arrived(&self) {
        self.arrivals.send_modify(|count| *count += 1);
        self.tell(|news| news.arrived = true);
    }

    fn tell(&self, add: impl FnOnce(&mut News)) {
        if *self.others.borrow() {
            add(&mut self.news.lock().unwrap_or_else(PoisonError::into_inner));
            self.told.notify_one();
        }
    }

    pub(super) fn tail(&self, owner: &Owner) -> watch::Receiver<Position> {
        self.tails.listen(owner)
    }

    pub(super) fn arrivals(&self) -> watch::Receiver<u64> {
        self.arrivals.subscribe()
    }

    pub(super) fn queued(&self) -> watch::Receiver<u64> {
        self.queued.subscribe()
    }
}
