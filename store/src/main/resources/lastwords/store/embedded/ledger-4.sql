-- The ledger, version 4: where a host's name comes from, and names that are only claimed.

ALTER TABLE host ADD COLUMN host_source TEXT; -- INVENTORY, USERDATA, DNS or ADDRESS
ALTER TABLE host ADD COLUMN claimed_host TEXT;

ALTER TABLE alarm ADD COLUMN host_source TEXT;
ALTER TABLE alarm ADD COLUMN claimed_host TEXT;
ALTER TABLE alarm ADD COLUMN address TEXT;
