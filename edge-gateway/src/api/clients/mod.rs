//! Clients: recruiters' WhatsApp Business connections, one live one per owner.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod mine;
pub mod model;
pub mod onboarding;
pub mod register;
pub mod update;
