-- The ledger, version 3: how many records of a host miss a fragment, and what waits to be delivered.

ALTER TABLE host ADD COLUMN incomplete INTEGER NOT NULL DEFAULT 0;

CREATE INDEX delivery_by_state ON delivery (state, created_at);
