//! Health, for machines and for administrators.

pub mod connectivity;
pub mod health;
pub mod live;
pub mod ready;
