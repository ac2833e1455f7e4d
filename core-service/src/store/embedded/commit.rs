//! One batch within a transaction: head, expectations, releases, takes, log, journal.
//!
//! Invariant: the head comes first and the expectations are checked after it, in the transaction that
//! writes; an error leaves it to the savepoint to undo what was written before.

use rusqlite::Connection;

use super::{expect, inbox, log, put};
use crate::{
    domain::event::Head,
    store::{StoreError, prepare::Prepared},
};

/// Writes a batch and tells where the owner's log then ends.
pub(super) fn commit(conn: &Connection, batch: &Prepared) -> Result<Head, StoreError> {
    let Prepared {
        owner,
        expects,
        clients,
        conversations,
        messages,
        templates,
        orphans,
        dropped_templates,
        dropped_orphans,
        events,
        settlements,
        bytes: _,
    } = batch;
    let head = log::advance(conn, owner, events.len())?;
    for expect in expects {
        expect::check(conn, owner, expect)?;
    }

    for id in dropped_templates {
        put::template::drop_row(conn, owner, *id)?;
    }
    for (number, wamid) in dropped_orphans {
        put::orphan::drop_row(conn, owner, number, wamid)?;
    }
    // All conversations give their identifiers free before one of them takes another's.
    let mut released = Vec::with_capacity(conversations.len());
    for conversation in conversations {
        released.push(put::conversation::release(conn, &conversation.row)?);
    }

    for client in clients {
        put::client::put(conn, client)?;
    }
    for (conversation, gains) in conversations.iter().zip(&released) {
        put::conversation::put(conn, conversation, gains)?;
    }
    for message in messages {
        put::message::put(conn, message)?;
    }
    for template in templates {
        put::template::put(conn, template)?;
    }
    for orphan in orphans {
        put::orphan::put(conn, owner, orphan)?;
    }

    log::append(conn, owner, head, events)?;
    for settlement in settlements {
        inbox::settle(conn, settlement)?;
    }
    Ok(head)
}
