//! The store's contract as tests, one clause each, for every backend.
//!
//! A backend calls [`store_conformance!`] with an async function that makes an empty [`Fixture`] which
//! no other test touches. To add a clause: write an `async fn(Arc<dyn Store>)` named as a sentence in
//! the file of its subject, and list it in the macro below. What is not listed is not compiled in, and
//! the compiler says so.

pub(super) mod commit;
pub(super) mod consents;
pub(super) mod expect;
pub(super) mod fetches;
pub(super) mod journal;
pub(super) mod leases;
pub(super) mod lists;
pub(super) mod log;
pub(super) mod looking;
pub(super) mod model;
pub(super) mod outbox;
pub(super) mod reads;
pub(super) mod samples;
pub(super) mod search;
pub(super) mod unique;

use std::{any::Any, sync::Arc};

use futures_util::future::LocalBoxFuture;

use super::Store;

/// A store for one test, and what must live as long as it.
pub(super) struct Fixture {
    /// The store.
    pub(super) store: Arc<dyn Store>,
    /// For instance the folder that it is in.
    pub(super) _keep: Box<dyn Any + Send>,
}

/// A clause by its name.
pub(super) type Clause = (&'static str, fn(Arc<dyn Store>) -> LocalBoxFuture<'static, ()>);

/// One `#[tokio::test]` per clause, in a module per subject. Or, with the name of another macro, what
/// that makes of the list.
macro_rules! store_conformance {
    ($make:path) => {
        $crate::store::conformance::store_conformance! { clauses: $make }
    };
    ($each:ident: $($make:path)?) => {
        $crate::store::conformance::$each! { $($make)?;
            commit: [
                a_batch_is_written_whole,
                a_row_is_replaced_and_removed,
                a_batch_with_a_stale_expect_writes_nothing,
                a_batch_with_a_taken_key_writes_nothing,
                a_batch_is_refused_when_it_is_committed_again_and_its_rows_are_found,
                a_batch_never_writes_a_row_of_another_owner,
                of_two_batches_that_state_each_others_absence_one_commits,
                no_update_is_lost_among_16_writers,
            ],
            expect: [
                the_state_of_every_kind_of_key_is_checked,
                a_key_without_a_row_is_absent,
                a_row_of_another_owner_is_absent,
                a_key_that_was_released_is_absent,
            ],
            unique: [
                a_wamid_names_one_message_of_an_owner_and_number,
                an_idempotency_key_names_one_message_of_an_owner,
                an_owner_has_one_live_client,
                a_number_has_one_live_client_of_all_owners,
                a_deleted_client_gives_its_places_free_within_a_batch,
                an_identifier_names_one_conversation_of_an_owner_and_number,
                two_conversations_exchange_an_identifier_in_one_batch,
                of_64_batches_with_one_key_one_commits,
            ],
            log: [
                an_owner_who_never_wrote_has_an_empty_log,
                positions_are_dense_and_in_the_order_of_commits,
                a_batch_without_events_moves_no_position,
                a_conflict_leaves_no_gap,
                a_reader_who_follows_16_writers_sees_no_gap,
                the_tail_moves_after_a_commit_and_never_before,
                trimming_takes_a_prefix_of_each_log_and_says_so,
            ],
            journal: [
                a_delivery_is_kept_once_though_it_comes_64_times,
                deliveries_wait_in_the_order_of_arrival_by_lane,
                an_answer_holds_at_most_8_mib_of_bodies,
                a_failed_delivery_waits_again_with_its_attempts,
                what_is_done_stays_done,
                a_settlement_is_written_with_its_batch_or_not_at_all,
                an_arrival_is_told,
                what_is_old_and_over_is_forgotten_and_what_waits_is_not,
            ],
            looking: [
                the_journal_is_listed_by_how_far_deliveries_came,
                a_delivery_is_shown_with_what_became_of_it,
                what_is_asked_for_again_waits_apart_until_it_is_let_in,
                a_range_is_asked_for_again_whatever_became_of_it,
                being_let_in_is_told_like_an_arrival,
                the_backlog_counts_what_waits_and_what_failed,
                what_was_applied_in_part_is_forgotten_and_what_was_given_up_is_not,
                what_was_applied_whole_stays_so,
            ],
            outbox: [
                queued_messages_are_found_when_they_are_due_earliest_first,
                a_message_that_is_over_is_not_found,
                messages_whose_sender_is_gone_are_found_by_term,
                other_lanes_are_not_looked_at,
                what_a_commit_leaves_in_the_outbox_is_told,
            ],
            fetches: [
                files_to_fetch_are_found_when_they_are_due_earliest_first,
                a_file_that_is_stored_or_given_up_is_not_found,
                files_of_other_lanes_are_not_looked_at,
                what_is_to_be_fetched_and_what_is_to_be_sent_are_kept_apart,
            ],
            reads: [
                a_row_is_found_by_every_key,
                a_row_is_given_once_however_often_it_is_asked_for,
                the_conversations_of_messages_are_found_with_them,
                a_footprint_never_reaches_another_owner,
                many_footprints_at_once_keep_their_owners_apart,
                live_clients_are_found_by_number_and_by_account,
                single_rows_are_found_whosever_they_are,
                the_store_answers_a_ping,
            ],
            lists: [
                clients_are_walked_oldest_first,
                all_clients_are_walked_deleted_ones_too,
                conversations_are_walked_newest_activity_first,
                a_walk_meets_each_conversation_once_though_rows_move,
                hidden_and_read_conversations_are_left_out_on_demand,
                a_client_shows_its_own_and_its_numbers_conversations,
                messages_are_walked_backwards_between_two_places,
                inbound_messages_are_counted_after_a_place,
                templates_are_walked_by_name_and_language,
                a_page_has_at_most_100_rows,
            ],
            search: [
                each_word_of_the_question_begins_a_word_of_the_candidate,
                a_search_follows_a_candidates_new_name,
                a_search_stays_with_its_owner,
                common_and_rare_words_give_the_same_order,
            ],
            leases: [
                a_holder_keeps_its_lanes_and_their_terms,
                a_lane_has_one_holder,
                a_released_lane_goes_on_with_a_greater_term,
                an_ended_lease_goes_to_whoever_asks,
                whoever_keeps_takes_nothing_more,
                keeping_extends,
                a_lane_given_back_goes_on_with_a_greater_term,
                two_who_give_back_what_is_wanted_share_all_lanes,
                a_holder_that_released_gives_way_wholly,
            ],
            consents: [
                a_consent_is_taken_once_though_64_ask_at_once,
                a_consent_that_nobody_kept_is_none,
                a_consent_that_is_kept_twice_is_one,
                consents_that_are_over_are_forgotten_and_others_stay,
            ],
            model: [any_batches_end_as_in_the_model],
        }
    };
}

/// Writes the tests of [`store_conformance!`].
macro_rules! clauses {
    ($make:path; $($subject:ident: [$($clause:ident),+ $(,)?],)+) => {
        $(mod $subject {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $clause() {
                let fixture = $make().await;
                $crate::store::conformance::$subject::$clause(fixture.store.clone()).await;
            })+
        })+
    };
}

/// The clauses of [`store_conformance!`] as a list, for a test that runs them by itself.
macro_rules! list {
    (; $($subject:ident: [$($clause:ident),+ $(,)?],)+) => {
        [$($((
            stringify!($clause),
            |store| Box::pin($crate::store::conformance::$subject::$clause(store)),
        )),+),+]
    };
}

pub(super) use {clauses, list, store_conformance};

/// Every clause.
pub(super) fn every_clause() -> Vec<Clause> {
    let clauses: &[Clause] = &store_conformance!(list:);
    clauses.to_vec()
}
