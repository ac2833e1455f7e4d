//! What is measured: each job once a round, with what it must reach.

use std::sync::Arc;

use super::{
    error::BenchError,
    figures::{AtLeast, AtMost, Figure, Goal},
    options::{Options, Which},
    past::Past,
    scene::Scene,
    target::Target,
};

/// Something to measure.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) name: String,
    pub(super) connections: u32,
    pub(super) goals: &'static [(Figure, Goal)],
    pub(super) work: Work,
}

/// What goes through the loop.
#[derive(Clone, Debug)]
pub(super) enum Work {
    /// One inbound text a request, into these conversations.
    Webhooks(Arc<Scene>),
    /// A thousand inbound texts a request, into these conversations.
    Giants(Arc<Scene>),
    /// One delivery, checked and read here.
    Reading,
    /// One inbound text a request, into a conversation that begins with the run.
    WebhooksToNew,
    /// One text to send a request.
    Sends {
        scene: Arc<Scene>,
        /// Whether Meta reports each as sent, delivered and read.
        statuses: bool,
    },
    /// The first page of conversations.
    Lists(Arc<Scene>),
    /// One page of a long conversation.
    History {
        past: Arc<Past>,
        /// Whether it is the one far back.
        deep: bool,
    },
}

/// What holds for everything.
const MEMORY: (Figure, Goal) = (Figure::OwnPeak, AtMost(80.0));
const WEBHOOKS: &[(Figure, Goal)] =
    &[(Figure::Settled, AtLeast(2_000.0)), (Figure::OwnCpu, AtMost(400.0)), MEMORY];
/// A goal of 10,000 updates a second, in deliveries of a thousand.
const GIANTS: &[(Figure, Goal)] = &[(Figure::Settled, AtLeast(10.0))];
/// What more deliveries at once would show is how memory is shared.
const GIANTS_AT_ONCE: u32 = 4;
const READING: &[(Figure, Goal)] = &[(Figure::ReadCpu, AtMost(25.0))];
const SENDS: &[(Figure, Goal)] = &[(Figure::Rate, AtLeast(800.0)), MEMORY];
const LISTS: &[(Figure, Goal)] = &[(Figure::Rate, AtLeast(1_500.0)), MEMORY];
const PAGE: &[(Figure, Goal)] = &[(Figure::P50, AtMost(3.0)), MEMORY];
const OTHER: &[(Figure, Goal)] = &[MEMORY];

impl Job {
    /// The jobs that were asked for, in order, with everything that they need in place.
    pub(super) async fn prepare(
        target: &Target,
        options: &Options,
    ) -> Result<Vec<Self>, BenchError> {
        let asked = |which: Which| {
            options.which.iter().any(|asked| *asked == which || *asked == Which::All)
        };
        let mut jobs = Jobs { all: Vec::new(), connections: options.connections };
        let (accounts, conversations) = (options.accounts, options.conversations);
        if asked(Which::Reading) {
            let (name, work) = ("signature and reading of one delivery".to_owned(), Work::Reading);
            jobs.all.push(Self { name, connections: 1, goals: READING, work });
        }
        let of_many = [Which::Webhooks, Which::Giants, Which::Sends, Which::Lists];
        if of_many.into_iter().any(asked) {
            let scene = Arc::new(Scene::set(target, accounts, conversations).await?);
            let owners = scene.recruiters.len();
            eprintln!("{} conversations of {owners} owners are open", scene.threads.len());
            if asked(Which::Webhooks) {
                jobs.add("webhooks", WEBHOOKS, Work::Webhooks(Arc::clone(&scene)));
            }
            if asked(Which::Giants) {
                jobs.all.push(Self {
                    name: "webhooks of a thousand messages".to_owned(),
                    connections: GIANTS_AT_ONCE,
                    goals: GIANTS,
                    work: Work::Giants(Arc::clone(&scene)),
                });
            }
            if asked(Which::Sends) {
                let sends = |statuses| Work::Sends { scene: Arc::clone(&scene), statuses };
                jobs.add("sends, statuses off", SENDS, sends(false));
                jobs.add("sends, statuses on", OTHER, sends(true));
            }
            if asked(Which::Lists) {
                let crowd = Arc::new(Scene::set(target, 1, conversations).await?);
                eprintln!("{} conversations of one owner are open", crowd.threads.len());
                jobs.add(format!("lists of {owners} owners"), LISTS, Work::Lists(scene));
                jobs.add("lists of one owner", LISTS, Work::Lists(crowd));
            }
        }
        if asked(Which::History) || asked(Which::Append) {
            let past = Arc::new(Past::make(target, options).await?);
            if asked(Which::History) {
                jobs.add_history(&past, options.history);
            }
            if asked(Which::Append) {
                let long = Work::Webhooks(Arc::clone(&past.scene));
                jobs.add("webhooks into the long conversation", OTHER, long);
                jobs.add("webhooks into a new conversation", OTHER, Work::WebhooksToNew);
            }
        }
        Ok(jobs.all)
    }
}

struct Jobs {
    all: Vec<Job>,
    connections: u32,
}

impl Jobs {
    fn add(&mut self, name: impl Into<String>, goals: &'static [(Figure, Goal)], work: Work) {
        let (name, connections) = (name.into(), self.connections);
        self.all.push(Job { name, connections, goals, work });
    }

    /// Each page over one connection, which tells how long a page takes, and over all of them.
    fn add_history(&mut self, past: &Arc<Past>, messages: u32) {
        for (place, deep) in [("newest page", false), ("page at 90 % depth", true)] {
            let name = format!("{place} of {messages} messages");
            let work = Work::History { past: Arc::clone(past), deep };
            self.all.push(Job {
                name: name.clone(),
                connections: 1,
                goals: PAGE,
                work: work.clone(),
            });
            self.add(name, OTHER, work);
        }
    }
}
