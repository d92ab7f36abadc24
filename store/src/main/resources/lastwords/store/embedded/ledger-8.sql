-- The ledger, version 8: alarms have a share per sender too.

-- Its address, or its host where that is unknown; NULL for alarms of earlier versions, which go by age.
ALTER TABLE alarm ADD COLUMN sender TEXT;
ALTER TABLE alarm ADD COLUMN network TEXT;
CREATE INDEX alarm_by_sender ON alarm (sender, signature, number) WHERE sender NOTNULL;

-- Alarms held, to find who has any, and of each sender the most severe and the newest.
CREATE INDEX alarm_held ON alarm (raised_at, sender, severity, host_source, state)
  WHERE reason = 'storm';
CREATE INDEX alarm_held_severe ON alarm (sender, severity, number DESC) WHERE reason = 'storm';
CREATE INDEX alarm_held_newest ON alarm (sender, number DESC) WHERE reason = 'storm';

-- How many alarms there are of each sender and source network.
CREATE TABLE alarm_share (
  sender TEXT PRIMARY KEY,
  network TEXT NOT NULL,
  alarms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alarm_share_by_alarms ON alarm_share (network, alarms);
CREATE TABLE alarm_network_share (
  network TEXT PRIMARY KEY,
  alarms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER alarm_added AFTER INSERT ON alarm WHEN NEW.sender NOTNULL BEGIN
  INSERT INTO alarm_share VALUES (NEW.sender, NEW.network, 1)
    ON CONFLICT (sender) DO UPDATE SET alarms = alarms + 1;
  INSERT INTO alarm_network_share VALUES (NEW.network, 1)
    ON CONFLICT (network) DO UPDATE SET alarms = alarms + 1;
END;
CREATE TRIGGER alarm_removed AFTER DELETE ON alarm WHEN OLD.sender NOTNULL BEGIN
  UPDATE alarm_share SET alarms = alarms - 1 WHERE sender = OLD.sender;
  DELETE FROM alarm_share WHERE sender = OLD.sender AND alarms <= 0;
  UPDATE alarm_network_share SET alarms = alarms - 1 WHERE network = OLD.network;
  DELETE FROM alarm_network_share WHERE network = OLD.network AND alarms <= 0;
END;
