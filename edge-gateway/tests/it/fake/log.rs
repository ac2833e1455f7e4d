//! A log of events; its cursors are `c0`, `c1`, … and anything else is forged.

use std::collections::HashMap;

use linkojob_proto::{ERROR_DOMAIN, v1 as pb};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::samples;

#[derive(Debug, Default)]
pub struct Log {
    events: Vec<pb::Event>,
    kept_from: usize,
}

pub enum Place {
    At(usize),
    TooOld,
}

impl Log {
    pub fn append(&mut self, size: usize) -> String {
        let cursor = cursor(self.events.len() + 1);
        self.events.push(samples::event(&cursor, size));
        cursor
    }

    pub fn trim(&mut self) {
        self.kept_from = self.events.len();
    }

    pub fn end(&self) -> usize {
        self.events.len()
    }

    pub fn from(&self, position: usize) -> &[pb::Event] {
        &self.events[position..]
    }

    /// Where reading goes on after this cursor.
    pub fn place(&self, after: &str) -> Result<Place, Status> {
        let forged = || {
            let details =
                ErrorDetails::with_error_info("INVALID_CURSOR", ERROR_DOMAIN, HashMap::new());
            Status::with_error_details(Code::InvalidArgument, "The cursor is not ours.", details)
        };
        let number = after.strip_prefix('c').and_then(|n| n.parse::<usize>().ok());
        let number = number.filter(|n| *n <= self.events.len()).ok_or_else(forged)?;
        Ok(if number < self.kept_from { Place::TooOld } else { Place::At(number) })
    }
}

pub fn cursor(position: usize) -> String {
    format!("c{position}")
}
