-- The ledger, version 5: what alarms become after they were raised, in which order deliveries are made,
-- and what targets are reminded of.

ALTER TABLE alarm ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE alarm ADD COLUMN panicked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alarm ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alarm ADD COLUMN notified_at INTEGER;
ALTER TABLE alarm ADD COLUMN storm TEXT; -- in which it was held, also once it was notified
-- What became worse before this version is not reported again, years of it at once.
UPDATE alarm SET
  panicked = coalesce((SELECT panicked FROM crash WHERE crash.id = alarm.crash), 0),
  updated_at = raised_at,
  notified_at = CASE WHEN reason ISNULL THEN raised_at END;
CREATE INDEX alarm_by_storm ON alarm (storm) WHERE storm NOTNULL;
CREATE INDEX alarm_notified ON alarm (notified_at) WHERE notified_at NOTNULL;
CREATE INDEX alarm_resolved ON alarm (updated_at) WHERE state = 'resolved' AND notified_at NOTNULL;

ALTER TABLE delivery ADD COLUMN priority INTEGER NOT NULL DEFAULT 100000;
ALTER TABLE delivery ADD COLUMN last_seen INTEGER NOT NULL DEFAULT 0; -- 0 once replaced
UPDATE delivery SET
  priority = coalesce((SELECT CASE severity WHEN 'CRITICAL' THEN 0 WHEN 'ERROR' THEN 100000
    WHEN 'WARNING' THEN 200000 ELSE 300000 END FROM alarm WHERE alarm.id = delivery.alarm), 100000),
  last_seen = created_at;
CREATE INDEX delivery_due ON delivery (target, priority, number, next_attempt)
  WHERE state = 'PENDING';
CREATE INDEX delivery_waiting ON delivery (target, created_at) WHERE state = 'PENDING';
CREATE INDEX delivery_by_alarm ON delivery (alarm, target);
CREATE INDEX delivery_firing ON delivery (target, last_seen, priority) WHERE last_seen > 0;

ALTER TABLE disabled_target ADD COLUMN since INTEGER NOT NULL DEFAULT 0;

-- How targets were configured when last seen, as digests.
CREATE TABLE target (
  name TEXT PRIMARY KEY,
  digest TEXT NOT NULL
) STRICT;
