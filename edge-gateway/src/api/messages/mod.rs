//! Messages: sending them and reading one.

pub mod content;
pub mod get;
pub mod media;
pub mod model;
mod particulars;
pub mod send_template;
pub mod send_text;
pub(crate) mod target;
