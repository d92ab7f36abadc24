-- The ledger, version 7: the sums of version 6, from the crashes that are there. Repair does this again.

DELETE FROM signature_host;
INSERT INTO signature_host
  SELECT signature, host, coalesce(release, ''), count(*) FROM crash
  WHERE signature NOTNULL AND host NOTNULL GROUP BY 1, 2, 3;

DELETE FROM signature_release;
INSERT INTO signature_release
  SELECT signature, coalesce(release, ''), count(*), count(DISTINCT host) FROM crash
  WHERE signature NOTNULL GROUP BY 1, 2;

DELETE FROM crash_host;
INSERT INTO crash_host
  SELECT host, count(*), max(received_at) FROM crash WHERE host NOTNULL GROUP BY host;

DELETE FROM signature;
INSERT INTO signature
  SELECT sums.signature, of_newest.title, of_newest.kind, of_newest.category, sums.gravity,
    sums.events, 0, sums.hosts, sums.first_seen, sums.last_seen, sums.first, sums.newest, NULL
  FROM
    (SELECT signature, count(*) AS events, count(DISTINCT host) AS hosts, min(gravity) AS gravity,
      min(received_at) AS first_seen, max(received_at) AS last_seen,
      (SELECT first_change FROM crash AS c WHERE c.signature = crash.signature
        ORDER BY received_at, first_change LIMIT 1) AS first,
      (SELECT first_change FROM crash AS c WHERE c.signature = crash.signature
        ORDER BY received_at DESC, first_change DESC LIMIT 1) AS newest
     FROM crash WHERE signature NOTNULL GROUP BY signature) AS sums
  JOIN crash AS of_newest ON of_newest.first_change = sums.newest;

DELETE FROM kept;
DELETE FROM address_share;
DELETE FROM network_share;
UPDATE value SET value = 0 WHERE name = 'sized_up_to';
UPDATE value SET value = (SELECT coalesce(max(first_change), 0) FROM crash)
  WHERE name = 'sized_until';

-- Nothing reads these any more.
DROP INDEX IF EXISTS crash_by_signature;
DROP INDEX IF EXISTS crash_by_host;
