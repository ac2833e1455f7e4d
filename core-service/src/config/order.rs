//! What a process is asked to do: to serve, unless a command says otherwise.
//!
//! Invariant: a command reads the settings of the core, all of them and in the same way, so that it is run
//! where a core is run; as flags they stand behind its name.

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use super::{
    Args, Config, ConfigError,
    journal::{JournalArgs, JournalTask},
    parsed,
};
use crate::flows::reseal::Mode;

/// What to do, and with which settings.
#[derive(Debug)]
pub struct Order {
    /// What.
    pub task: Task,
    /// With which settings.
    pub config: Config,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Serve.
    Serve,
    /// Seal again what older keys have sealed.
    Reseal(Mode),
    /// Look into the journal of deliveries, or have some applied again.
    Journal(JournalTask),
}

#[derive(Parser)]
#[command(name = "core-service", version, about, args_conflicts_with_subcommands = true)]
struct OrderArgs {
    #[command(flatten)]
    serve: Args,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Seal again, with the first key of TOKEN_KEYS, what the others have sealed; while cores serve.
    Reseal(Box<ResealArgs>),
    /// Look into the journal of what Meta delivered, or have some of it applied again.
    #[command(subcommand)]
    Journal(JournalArgs),
}

#[derive(clap::Args)]
struct ResealArgs {
    /// Write nothing, only count what there is to do.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    settings: Args,
}

impl Order {
    /// Reads the flags and environment of this process. `--help` and `--version` print and end it.
    ///
    /// # Errors
    /// [`ConfigError`] names the setting that is wrong.
    pub fn load() -> Result<Self, ConfigError> {
        Self::from_args(std::env::args_os())
    }

    /// As [`Order::load`], from these flags; the first one is the name of the program.
    ///
    /// # Errors
    /// As [`Order::load`].
    pub fn from_args(
        args: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, ConfigError> {
        let OrderArgs { serve, command } = parsed(OrderArgs::try_parse_from(args))?;
        let (task, settings) = match command {
            None => (Task::Serve, serve),
            Some(Command::Reseal(args)) => {
                let ResealArgs { dry_run, settings } = *args;
                (Task::Reseal(if dry_run { Mode::Count } else { Mode::Write }), settings)
            }
            Some(Command::Journal(args)) => {
                let (task, settings) = args.read();
                (Task::Journal(task), settings)
            }
        };
        Ok(Self { task, config: settings.read()? })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{
        super::{Replaying, When},
        *,
    };
    use crate::domain::{
        delivery::DeliveryId,
        journal::{Range, Which},
    };

    const SETTINGS: [&str; 4] = [
        "--token-keys",
        "1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
        "--core-service-tokens",
        "edge:canary-canary-canary-canary-canary:edge",
    ];

    fn read(before: &[&str], after: &[&str]) -> Result<Order, ConfigError> {
        Order::from_args([&["core-service"], before, after].concat())
    }

    #[test]
    fn a_process_serves_unless_a_command_says_otherwise() {
        let task = |before, after| read(before, after).unwrap().task;
        assert_eq!(task(&SETTINGS, &[]), Task::Serve);
        assert_eq!(task(&["reseal"], &SETTINGS), Task::Reseal(Mode::Write));
        assert_eq!(task(&["reseal", "--dry-run"], &SETTINGS), Task::Reseal(Mode::Count));
    }

    #[test]
    fn what_is_asked_of_the_journal_is_named() {
        let task = |words: &[&str]| match read(&[&["journal"], words].concat(), &SETTINGS) {
            Ok(Order { task: Task::Journal(task), config: _ }) => task,
            other => panic!("{words:?}: {other:?}"),
        };
        let list = task(&["list", "--state", "failed", "--since", "12h", "--limit", "7"]);
        let JournalTask::List(list) = list else { panic!("{list:?}") };
        assert_eq!((list.which, list.limit, list.json), (Which::Failed, 7, false));
        assert_eq!(list.since, Some(When::Ago(Duration::from_secs(12 * 60 * 60))));
        let show = JournalTask::Show { id: DeliveryId(7), body: true, json: false };
        assert_eq!(task(&["show", "7", "--body"]), show);
        let replay = |words: &[&str]| match task(&[&["replay"], words].concat()) {
            JournalTask::Replay(Replaying { range: Range { from, to }, only_failed, dry_run }) => {
                (from.0, to.0, only_failed, dry_run)
            }
            other @ (JournalTask::List(_) | JournalTask::Show { .. }) => panic!("{other:?}"),
        };
        assert_eq!(replay(&["--id", "7"]), (7, 7, false, false));
        assert_eq!(replay(&["--from", "7", "--to", "9"]), (7, 9, false, false));
        assert_eq!(replay(&["--failed", "--dry-run"]), (0, i64::MAX, true, true));
        assert_eq!(replay(&["--failed", "--from", "7"]), (7, i64::MAX, true, false));
        for wrong in [
            &["replay"][..],
            &["replay", "--to", "9"],
            &["replay", "--id", "7", "--failed"],
            &["show"],
            &["list", "--limit", "0"],
        ] {
            assert!(read(&[&["journal"], wrong].concat(), &SETTINGS).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_misplaced_or_unknown_is_refused_in_one_line() {
        for (before, after) in [
            (&SETTINGS[..], &["reseal"][..]),
            (&SETTINGS, &["--dry-run"]),
            (&["unseal"], &SETTINGS),
            (&["reseal"], &["--token-keys", "canary"]),
            (&["reseal", "--token-keys", "canary"], &SETTINGS[2..]),
        ] {
            let line = read(before, after).expect_err("must be refused").to_string();
            assert!(!line.contains('\n') && !line.contains("canary"), "{line}");
        }
    }

    #[test]
    fn an_order_shows_no_secret() {
        let shown = format!("{:?}", read(&["reseal"], &SETTINGS).unwrap());
        assert!(!shown.contains("canary") && !shown.contains("BwcHBw"), "{shown}");
    }
}
