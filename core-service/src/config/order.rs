//! What a process is asked to do: to serve, unless a command says otherwise.
//!
//! Invariant: a command reads the settings of the core, all of them and in the same way, so that it is run
//! where a core is run; as flags they stand behind its name.

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use super::{Args, Config, ConfigError, parsed};
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Serve.
    Serve,
    /// Seal again what older keys have sealed.
    Reseal(Mode),
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
        };
        Ok(Self { task, config: settings.read()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
