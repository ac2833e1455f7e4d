-- One-time states of people who were sent to Meta, until they come back.
CREATE TABLE consents (
  state      TEXT PRIMARY KEY,
  expires_at INTEGER NOT NULL,
  body       BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX consents_expiry ON consents (expires_at);
