-- `state` of a delivery: 0 waits, 1 applied whole, 2 given up, 3 applied but for what was set aside,
-- 4 asked for again. Before, 3 was 1, and told by the outcome alone.
ALTER TABLE inbox ADD COLUMN replayed_at INTEGER;
UPDATE inbox SET state = 3 WHERE state = 1
  AND json_array_length(CAST(outcome AS TEXT), '$.row.set_aside') > 0;

DROP INDEX inbox_applied;
CREATE INDEX inbox_over ON inbox (id, received_at) WHERE state IN (1, 3);
-- An ordinary delivery is never in it: settling one costs what it did.
CREATE INDEX inbox_unusual ON inbox (state, id) WHERE state >= 2;
