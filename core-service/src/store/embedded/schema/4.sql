-- When the file of a message is to be fetched.
ALTER TABLE messages ADD COLUMN fetch_at INTEGER;
CREATE INDEX messages_fetch ON messages (fetch_at, id, lane) WHERE fetch_at IS NOT NULL;
