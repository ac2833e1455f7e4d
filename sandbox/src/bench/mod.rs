//! The benchmark: signed webhooks and text sends in a closed loop against real processes.
//!
//! A closed loop: each connection sends its next request when the last one was answered, so the load
//! follows the service and latency under overload is not what it measures. Load, simulated Meta and
//! service share one machine: throughput is a lower bound, CPU per operation is the service's own.
//!
//! Invariant: a run counts only when everything it caused was applied, and nothing was lost or done
//! twice. Each run is warm-up, drain, load, drain; the meters are read around the last two.
//!
//! | part | place |
//! |---|---|
//! | flags | [`options`] |
//! | who is measured | `target`, `own` (processes of this binary) |
//! | accounts, conversations | `scene` |
//! | the loop and what goes through it | `load`, `webhooks`, `sends` |
//! | until all is applied | `drain` |
//! | what it cost | `meters`, `proc` |
//! | what is printed | `table` |

mod drain;
mod error;
mod http;
mod load;
mod loopback;
mod meters;
mod options;
mod own;
mod proc;
mod run;
mod scene;
mod sends;
mod table;
mod target;
mod webhooks;

pub use error::BenchError;
pub use loopback::Loopback;
pub use options::{Options, Which};

use std::{sync::Arc, time::Instant};

use tokio_util::sync::CancellationToken;

use run::{Bench, Kind};
use scene::Scene;
use target::Target;

/// Runs what the options ask for and prints a table of it; `stop` ends it early, processes included.
///
/// # Errors
/// When the target cannot be used, does not finish its work in time, or gave an answer that was not
/// the expected one; the table of the runs that ended is printed all the same.
pub async fn run(options: Options, stop: CancellationToken) -> Result<(), BenchError> {
    let target = Target::of(&options);
    let target = stop.run_until_cancelled(target).await.ok_or(BenchError::Interrupted)??;
    let mut rows = Vec::new();
    let measuring = stop.run_until_cancelled(measure(&options, &target, &mut rows)).await;
    let outcome = measuring.unwrap_or(Err(BenchError::Interrupted));
    tell(&rows);
    let failed = matches!(&outcome, Err(error) if !matches!(error, BenchError::Interrupted));
    let closed = target.close(failed).await;
    outcome?;
    closed?;
    let unexpected = rows.iter().map(table::Row::unexpected).sum();
    if unexpected > 0 { Err(BenchError::Unexpected(unexpected)) } else { Ok(()) }
}

#[expect(clippy::print_stdout, reason = "the table is what the command is asked for")]
fn tell(rows: &[table::Row]) {
    print!("{}", table::render(rows));
}

async fn measure(
    options: &Options,
    target: &Target,
    rows: &mut Vec<table::Row>,
) -> Result<(), BenchError> {
    let begun = Instant::now();
    let scene = Scene::set(target, options).await?;
    eprintln!(
        "{} conversations of {} business numbers are open ({:.1} s)",
        scene.threads.len(),
        scene.recruiters.len(),
        begun.elapsed().as_secs_f64()
    );
    let bench = Bench { options, target, scene: Arc::new(scene) };
    for kind in Kind::of(options.which).iter().copied() {
        eprintln!("{kind}: {} s of warm-up, {} s of load", options.warmup, options.seconds);
        rows.push(bench.run(kind).await?);
    }
    Ok(())
}
