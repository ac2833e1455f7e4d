//! The small shell process that owns a `mongod`: signals go through it, and it outlives its starter
//! just long enough to kill the server and remove its folder.
//!
//! This works for a starter that is killed, and for one that keeps the server in a static: the pipe to
//! the guard closes with the process, without any code of ours running.

use std::{
    ffi::OsString,
    io::{self, BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// What a guard can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Start the server; one that runs must be killed first.
    Start,
    /// SIGKILL it and wait until it is gone.
    Kill,
    /// SIGSTOP it.
    Stop,
    /// SIGCONT it.
    Continue,
}

impl Order {
    fn word(self) -> &'static str {
        match self {
            Self::Start => "START",
            Self::Kill => "KILL",
            Self::Stop => "STOP",
            Self::Continue => "CONT",
        }
    }
}

/// A guard that runs. Dropping it kills the server, removes the folder, and waits for both.
#[derive(Debug)]
pub(crate) struct Guard {
    process: Child,
    /// Taken when the guard is told to end.
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Guard {
    /// A guard with an empty `folder` of its own and no server yet.
    pub(crate) fn new(folder: &Path, mongod: &Path, arguments: &[OsString]) -> io::Result<Self> {
        let mut process = Command::new("sh")
            .args(["-c", include_str!("guard.sh"), "mongod-guard"])
            .arg(folder)
            .arg(mongod)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C at a terminal goes to the whole group: it must end the starter, not the guard.
            .process_group(0)
            .spawn()?;
        let orders = process.stdin.take();
        let answers = process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut guard = Self { process, orders, answers: BufReader::new(answers) };
        guard.answer()?;
        Ok(guard)
    }

    /// Gives an order and waits until it is carried out. Starting answers with the process id.
    pub(crate) fn order(&mut self, order: Order) -> io::Result<String> {
        let orders = self.orders.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        orders.write_all(format!("{}\n", order.word()).as_bytes())?;
        self.answer()
    }

    fn answer(&mut self) -> io::Result<String> {
        let mut line = String::new();
        match self.answers.read_line(&mut line)? {
            0 => Err(io::Error::new(io::ErrorKind::BrokenPipe, "the guard has ended")),
            _ => Ok(line.trim_end().to_owned()),
        }
    }

    /// Lets the guard begin to end, without waiting. Several can so end at the same time.
    pub(crate) fn release(&mut self) {
        self.orders = None;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.release();
        // The only failure is that somebody else has waited for it: then it is gone as well.
        let _ = self.process.wait();
    }
}
