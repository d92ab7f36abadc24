-- The ledger, version 6: large texts are compressed, what people see counted outlives the crashes it
-- counts, and tables that retention and paging need.

-- The JSON of a large crash, and the payload of a large delivery, as `PackedText` has it; `json` and
-- `payload` are '' then.
ALTER TABLE crash ADD COLUMN packed BLOB;
ALTER TABLE delivery ADD COLUMN packed BLOB;

-- The sums of a signature over all its crashes, those that retention dropped included.
CREATE TABLE signature (
  signature TEXT PRIMARY KEY,
  title TEXT NOT NULL, -- of the newest crash, as kind and category are
  kind TEXT NOT NULL,
  category TEXT NOT NULL,
  gravity INTEGER NOT NULL, -- the gravest
  events INTEGER NOT NULL,
  dropped INTEGER NOT NULL DEFAULT 0, -- how many of the events have no crash any more
  hosts INTEGER NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  first INTEGER NOT NULL, -- crash.first_change of the first and newest crash still there
  newest INTEGER NOT NULL,
  network TEXT -- the only source network that showed it; NULL where several did, or unknown
) STRICT;
CREATE INDEX signature_by_time ON signature (last_seen DESC, signature);
CREATE INDEX signature_of_one_network ON signature (last_seen) WHERE network NOTNULL;

CREATE TABLE signature_release (
  signature TEXT NOT NULL,
  release TEXT NOT NULL, -- '' where the kernel gave none
  events INTEGER NOT NULL,
  hosts INTEGER NOT NULL,
  PRIMARY KEY (signature, release)
) STRICT, WITHOUT ROWID;

CREATE TABLE signature_host (
  signature TEXT NOT NULL,
  host TEXT NOT NULL,
  release TEXT NOT NULL,
  events INTEGER NOT NULL,
  PRIMARY KEY (signature, host, release)
) STRICT, WITHOUT ROWID;

-- How many crashes a host name had.
CREATE TABLE crash_host (
  host TEXT PRIMARY KEY,
  events INTEGER NOT NULL,
  last_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX crash_host_by_time ON crash_host (last_seen);

-- What retention looks at, for each crash: small rows beside large ones.
CREATE TABLE kept (
  number INTEGER PRIMARY KEY, -- crash.first_change
  address TEXT NOT NULL,
  network TEXT NOT NULL,
  signature TEXT,
  gravity INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX kept_by_address ON kept (address, signature, number);
CREATE INDEX kept_by_time ON kept (received_at, number);

-- The sums over `kept`.
CREATE TABLE address_share (
  address TEXT PRIMARY KEY,
  network TEXT NOT NULL,
  crashes INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX address_share_by_bytes ON address_share (network, bytes);
CREATE TABLE network_share (
  network TEXT PRIMARY KEY,
  crashes INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX network_share_by_bytes ON network_share (bytes);

-- The ids of crashes dropped last: indexing follows them, and a log that is read again brings none back.
CREATE TABLE dropped_crash (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE
) STRICT;

-- How many deliveries there are in each state, and their bytes.
CREATE TABLE delivery_sum (
  state TEXT PRIMARY KEY,
  deliveries INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER delivery_added AFTER INSERT ON delivery BEGIN
  INSERT INTO delivery_sum
    VALUES (NEW.state, 1, octet_length(NEW.payload) + coalesce(octet_length(NEW.packed), 0))
    ON CONFLICT (state) DO UPDATE
      SET deliveries = deliveries + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER delivery_removed AFTER DELETE ON delivery BEGIN
  UPDATE delivery_sum SET deliveries = deliveries - 1,
      bytes = bytes - octet_length(OLD.payload) - coalesce(octet_length(OLD.packed), 0)
    WHERE state = OLD.state;
END;
CREATE TRIGGER delivery_changed AFTER UPDATE OF state, payload, packed ON delivery BEGIN
  UPDATE delivery_sum SET deliveries = deliveries - 1,
      bytes = bytes - octet_length(OLD.payload) - coalesce(octet_length(OLD.packed), 0)
    WHERE state = OLD.state;
  INSERT INTO delivery_sum
    VALUES (NEW.state, 1, octet_length(NEW.payload) + coalesce(octet_length(NEW.packed), 0))
    ON CONFLICT (state) DO UPDATE
      SET deliveries = deliveries + 1, bytes = bytes + excluded.bytes;
END;
INSERT INTO delivery_sum
  SELECT state, count(*), coalesce(sum(octet_length(payload)), 0) FROM delivery GROUP BY state;
CREATE INDEX IF NOT EXISTS delivery_by_alarm ON delivery (alarm);

CREATE INDEX IF NOT EXISTS host_by_name ON host (host, address);
CREATE INDEX IF NOT EXISTS host_by_time ON host (last_seen);
CREATE INDEX IF NOT EXISTS run_by_time ON run (last_heard);
CREATE INDEX IF NOT EXISTS decision_by_state ON decision (state, signature);
CREATE INDEX IF NOT EXISTS alarm_by_state ON alarm (state);
CREATE INDEX IF NOT EXISTS alarm_by_time ON alarm (raised_at);

-- Crashes up to this number have no row in `kept` yet: retention adds them, a few at a time.
INSERT INTO value VALUES ('sized_up_to', 0), ('sized_until', 0);
