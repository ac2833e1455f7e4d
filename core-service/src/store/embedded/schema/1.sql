-- Key columns are what queries and unique keys need; everything else is in `body`, the stored form.
-- Ids are 16-byte blobs, times are milliseconds, unsigned numbers are stored by their bits.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per owner: the end of its log. Every batch bumps it first.
CREATE TABLE heads (
  owner     TEXT PRIMARY KEY,
  position  INTEGER NOT NULL,
  kept_from INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE clients (
  id              BLOB PRIMARY KEY,
  owner           TEXT NOT NULL,
  revision        INTEGER NOT NULL,
  live            INTEGER NOT NULL,
  phone_number_id TEXT,
  waba_id         TEXT,
  body            BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX clients_live_owner ON clients (owner) WHERE live = 1;
CREATE UNIQUE INDEX clients_live_number ON clients (phone_number_id)
  WHERE live = 1 AND phone_number_id IS NOT NULL;
CREATE INDEX clients_live_waba ON clients (waba_id) WHERE live = 1;
CREATE INDEX clients_live ON clients (id) WHERE live = 1;

-- `identities` (by line) and `words` (by space) repeat what the side tables index, so that a rewrite
-- touches only what changed and a walk tests words without another look.
CREATE TABLE conversations (
  id              BLOB PRIMARY KEY,
  owner           TEXT NOT NULL,
  client          BLOB NOT NULL,
  phone_number_id TEXT NOT NULL,
  revision        INTEGER NOT NULL,
  activity        INTEGER NOT NULL,
  hidden          INTEGER NOT NULL,
  unread          INTEGER NOT NULL,
  identities      TEXT NOT NULL,
  words           TEXT NOT NULL,
  body            BLOB NOT NULL
) STRICT;
CREATE INDEX conversations_activity ON conversations (owner, activity, id) WHERE hidden = 0;
CREATE INDEX conversations_unread ON conversations (owner, activity, id)
  WHERE hidden = 0 AND unread > 0;
CREATE INDEX conversations_activity_all ON conversations (activity, id, unread) WHERE hidden = 0;

CREATE TABLE identities (
  owner           TEXT NOT NULL,
  phone_number_id TEXT NOT NULL,
  identity        TEXT NOT NULL,
  conversation    BLOB NOT NULL,
  PRIMARY KEY (owner, phone_number_id, identity)
) STRICT, WITHOUT ROWID;

CREATE TABLE words (
  owner        TEXT NOT NULL,
  word         TEXT NOT NULL,
  conversation BLOB NOT NULL,
  PRIMARY KEY (owner, word, conversation)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
  id              BLOB PRIMARY KEY,
  owner           TEXT NOT NULL,
  conversation    BLOB NOT NULL,
  phone_number_id TEXT NOT NULL,
  wamid           TEXT,
  idempotency_key TEXT,
  revision        INTEGER NOT NULL,
  at              INTEGER NOT NULL,
  inbound         INTEGER NOT NULL,
  lane            INTEGER NOT NULL,
  due_at          INTEGER,
  sending_term    INTEGER,
  body            BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_wamid ON messages (owner, phone_number_id, wamid)
  WHERE wamid IS NOT NULL;
CREATE UNIQUE INDEX messages_idempotency ON messages (owner, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE INDEX messages_place ON messages (conversation, at, id, inbound);
CREATE INDEX messages_due ON messages (due_at, id, lane) WHERE due_at IS NOT NULL;
CREATE INDEX messages_sending ON messages (sending_term, id, lane) WHERE sending_term IS NOT NULL;

CREATE TABLE templates (
  id       BLOB PRIMARY KEY,
  owner    TEXT NOT NULL,
  client   BLOB NOT NULL,
  revision INTEGER NOT NULL,
  name     TEXT NOT NULL,
  language TEXT NOT NULL,
  status   TEXT NOT NULL,
  purpose  TEXT,
  body     BLOB NOT NULL
) STRICT;
CREATE INDEX templates_name ON templates (owner, name, language, id);
CREATE INDEX templates_name_all ON templates (name, language, id);

CREATE TABLE orphans (
  owner           TEXT NOT NULL,
  phone_number_id TEXT NOT NULL,
  wamid           TEXT NOT NULL,
  revision        INTEGER NOT NULL,
  created_at      INTEGER NOT NULL,
  body            BLOB NOT NULL,
  PRIMARY KEY (owner, phone_number_id, wamid)
) STRICT, WITHOUT ROWID;
CREATE INDEX orphans_age ON orphans (created_at);

-- With rowids, which are the order of commits over all owners: what trimming walks.
CREATE TABLE events (
  id       INTEGER PRIMARY KEY,
  owner    TEXT NOT NULL,
  position INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  body     BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_position ON events (owner, position);

-- `state`: 0 waits, 1 applied, 2 poisoned. AUTOINCREMENT: an id is never used twice.
CREATE TABLE inbox (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  digest      BLOB NOT NULL UNIQUE,
  lane        INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  state       INTEGER NOT NULL DEFAULT 0,
  attempts    INTEGER NOT NULL DEFAULT 0,
  outcome     BLOB,
  body        BLOB NOT NULL
) STRICT;
CREATE INDEX inbox_waiting ON inbox (id, lane) WHERE state = 0;
CREATE INDEX inbox_applied ON inbox (id, received_at) WHERE state = 1;

-- `until` counts milliseconds of the process that opened the folder as `opening`; of any other
-- opening the process is gone, and so is its lease.
CREATE TABLE lanes (
  lane    INTEGER PRIMARY KEY,
  term    INTEGER NOT NULL,
  holder  TEXT,
  opening INTEGER NOT NULL,
  until   INTEGER NOT NULL
) STRICT;
