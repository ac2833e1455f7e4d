//! The benchmark: webhooks, sends, lists and pages in a closed loop against real processes.
//!
//! A closed loop: each connection sends its next request when the last one was answered, so the load
//! follows the service and latency under overload is not what it measures. Load, simulated Meta, store
//! and service share one machine: throughput is a lower bound, CPU per operation is each one's own.
//!
//! Invariant: a run counts only when everything it caused was applied, and nothing was lost or done
//! twice. Jobs alternate, so that a slow minute of the machine falls on all of them.
//!
//! | part | place |
//! |---|---|
//! | flags | [`options`] |
//! | who is measured | `target`, `own` (processes of this binary), `mongo` |
//! | accounts, conversations | `scene`, `fill`, `past` (the long conversation) |
//! | what is measured | `job`, and `run` for one run of it |
//! | the loop | `load`, `connection`, `form` |
//! | what goes through it | `webhooks`, `giants` (`signed`), `sends`, `reads` |
//! | what needs no service | `reading` |
//! | until all is applied, once | `drain`, `books` |
//! | what it cost | `meters`, `proc` |
//! | what is printed | `figures`, `summary` |

mod books;
mod connection;
mod drain;
mod error;
mod figures;
mod fill;
mod form;
mod giants;
mod http;
mod job;
mod load;
mod loopback;
mod meters;
mod mongo;
mod options;
mod own;
mod past;
mod proc;
mod reading;
mod reads;
mod run;
mod scene;
mod sends;
mod signed;
mod summary;
mod target;
mod webhooks;

pub use error::BenchError;
pub use loopback::Loopback;
pub use options::{Options, Store, Which};

use tokio_util::sync::CancellationToken;

use job::Job;
use run::Bench;
use summary::Series;
use target::Target;

/// Runs what the options ask for and prints tables of it; `stop` ends it early, processes included.
///
/// # Errors
/// When the target cannot be used, does not finish its work in time, or gave an answer that was not
/// the expected one; the tables of the runs that ended are printed all the same.
pub async fn run(options: Options, stop: CancellationToken) -> Result<(), BenchError> {
    let target = Target::of(&options);
    let target = stop.run_until_cancelled(target).await.ok_or(BenchError::Interrupted)??;
    let mut all = Vec::new();
    let measuring = stop.run_until_cancelled(measure(&options, &target, &mut all)).await;
    let outcome = measuring.unwrap_or(Err(BenchError::Interrupted));
    tell(&options, &all);
    let failed = matches!(&outcome, Err(error) if !matches!(error, BenchError::Interrupted));
    let closed = target.close(failed).await;
    outcome?;
    closed?;
    let unexpected = all.iter().map(Series::unexpected).sum();
    if unexpected > 0 { Err(BenchError::Unexpected(unexpected)) } else { Ok(()) }
}

#[expect(clippy::print_stdout, reason = "the tables are what the command is asked for")]
fn tell(options: &Options, all: &[Series]) {
    let Options { seconds, warmup, .. } = options;
    println!("store {}, {seconds} s a run after {warmup} s of warm-up", options.store());
    if cfg!(debug_assertions) {
        println!("built without optimisation: the figures say nothing");
    }
    println!();
    print!("{}", summary::render(all));
}

async fn measure(
    options: &Options,
    target: &Target,
    all: &mut Vec<Series>,
) -> Result<(), BenchError> {
    let jobs = Job::prepare(target, options).await?;
    *all = jobs.iter().map(Series::of).collect();
    let bench = Bench { options, target };
    for round in 1..=options.repeat {
        for (job, series) in jobs.iter().zip(all.iter_mut()) {
            let Job { name, connections, .. } = job;
            eprintln!("round {round} of {}: {name}, {connections} at once", options.repeat);
            series.samples.push(bench.run(job).await?);
        }
    }
    Ok(())
}
