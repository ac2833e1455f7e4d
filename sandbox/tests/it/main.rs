//! Stories of the whole system on real processes, and tests of the simulated Meta and the front.
//!
//! A `campaign_…` runs long and is left out by `dev/test quick`.

mod campaign_crash;
mod deploy_nginx;
mod front;
mod kit;
mod matrix;
mod meta_batches;
mod meta_faults;
mod meta_graph;
mod meta_identity;
mod meta_kit;
mod meta_media;
mod meta_messages;
mod meta_news;
mod meta_oauth;
mod meta_phones;
mod meta_send;
mod meta_statuses;
mod meta_webhooks;
mod story_bad_input;
mod story_bad_webhooks;
mod story_connect;
mod story_consent;
mod story_conversations;
mod story_giant;
mod story_half_connected;
mod story_idempotency;
mod story_identity;
mod story_isolation;
mod story_leaving;
mod story_media;
mod story_news;
mod story_outcomes;
mod story_people;
mod story_pick;
mod story_primary_lost;
mod story_sandbox;
mod story_secrets;
mod story_sockets;
mod story_store_away;
mod story_two_cores;
mod story_two_cores_crash;
mod story_two_cores_halt;
mod story_webhooks;
mod story_workflow;
