//! placeholder
mod front;
mod meta_faults;
mod meta_graph;
mod meta_kit;
mod meta_phones;
mod meta_send;
mod meta_webhooks;
