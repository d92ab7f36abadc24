-- The ledger, version 1. Times are microseconds since 1970, enums their names.

-- Single values: id, news_from, last_change, alerted_up_to.
CREATE TABLE value (
  name TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT;

CREATE TABLE reader (
  reader TEXT PRIMARY KEY,
  next_offset INTEGER NOT NULL
) STRICT;

CREATE TABLE reader_state (
  reader TEXT NOT NULL,
  address TEXT NOT NULL,
  next_offset INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (reader, address)
) STRICT;
CREATE INDEX reader_state_by_offset ON reader_state (reader, next_offset);

-- A crash is its JSON; the columns before it say again what is asked for.
CREATE TABLE crash (
  first_change INTEGER PRIMARY KEY,
  last_change INTEGER NOT NULL UNIQUE,
  id TEXT NOT NULL UNIQUE,
  position INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  host TEXT,
  signature TEXT,
  kind TEXT NOT NULL,
  category TEXT NOT NULL,
  title TEXT NOT NULL,
  gravity INTEGER NOT NULL, -- 0 critical, 1 error, 2 warning, 3 info
  release TEXT,
  json TEXT NOT NULL
) STRICT;
CREATE INDEX crash_by_position ON crash (position, received_at);
CREATE INDEX crash_by_host ON crash (host);
CREATE INDEX crash_by_signature ON crash (signature, release, host, received_at, gravity);
CREATE INDEX crash_by_signature_and_time ON crash (signature, received_at);

-- What people decided about a signature; one without a row is open.
CREATE TABLE decision (
  signature TEXT PRIMARY KEY,
  state TEXT NOT NULL
) STRICT;

CREATE TABLE host (
  address TEXT PRIMARY KEY,
  host TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  boot TEXT NOT NULL,
  release TEXT,
  format TEXT NOT NULL,
  messages INTEGER NOT NULL,
  sequence_gaps INTEGER NOT NULL,
  messages_lost INTEGER NOT NULL,
  duplicates INTEGER NOT NULL,
  boots INTEGER NOT NULL,
  labels TEXT NOT NULL -- a JSON object
) STRICT;

CREATE TABLE alarm (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  crash TEXT NOT NULL,
  signature TEXT NOT NULL,
  host TEXT NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  severity TEXT NOT NULL,
  raised_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT
) STRICT;
CREATE INDEX alarm_by_signature ON alarm (signature, host, raised_at);

CREATE TABLE delivery (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  alarm TEXT NOT NULL,
  target TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  next_attempt INTEGER NOT NULL,
  delivered_at INTEGER,
  status INTEGER,
  error TEXT,
  payload TEXT NOT NULL
) STRICT;
CREATE INDEX delivery_by_target ON delivery (target, state);

CREATE TABLE disabled_target (
  target TEXT PRIMARY KEY,
  reason TEXT NOT NULL
) STRICT;
