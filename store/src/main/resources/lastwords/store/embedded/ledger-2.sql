-- The ledger, version 2: how long hosts were watched, in which boot a crash was, and of which part of
-- a machine an alarm is.

ALTER TABLE alarm ADD COLUMN part TEXT;

ALTER TABLE crash ADD COLUMN boot TEXT;
ALTER TABLE crash ADD COLUMN panicked INTEGER NOT NULL DEFAULT 0;
UPDATE crash SET boot = json ->> '$.boot', panicked = coalesce(json ->> '$.panicked', 0);
DROP INDEX crash_by_signature_and_time;
CREATE INDEX crash_by_signature_and_time ON crash (signature, received_at, boot, kind);
CREATE INDEX crash_panicked ON crash (boot, received_at) WHERE panicked = 1;

-- A boot of a host, as far as it was watched.
CREATE TABLE run (
  number INTEGER PRIMARY KEY,
  boot TEXT NOT NULL UNIQUE,
  previous TEXT,
  address TEXT NOT NULL,
  host TEXT NOT NULL,
  release TEXT,
  hardware TEXT,
  announced INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  last_heard INTEGER NOT NULL
) STRICT;
CREATE INDEX run_by_address ON run (address, number);
CREATE INDEX run_by_host ON run (host, started_at, number, last_heard, boot, release, hardware,
  announced);
