-- What single processes cannot use: see hub/store/hindrances.py.
CREATE TABLE hindrance (
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  kind TEXT NOT NULL,
  connection TEXT NOT NULL,
  direction TEXT NOT NULL,
  lacks TEXT NOT NULL,
  name TEXT NOT NULL,
  since TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (host, pid, kind, connection, direction)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON hindrance TO orderhub_runtime;

-- What an incident's sentence names besides its subject, for readers of other languages.
ALTER TABLE incident ADD COLUMN detail JSONB DEFAULT '{}'::jsonb NOT NULL;

-- One process that lacked something used to pause a connection for all: that is over. What waits is
-- let go by the sweep.
UPDATE incident SET status = 'closed', closed_at = now()
WHERE status = 'open' AND kind = 'connection_paused' AND subject IN (
  SELECT 'connection:' || code FROM connection
  WHERE status = 'paused' AND paused_because = 'unusable');
UPDATE connection SET status = 'active', paused_because = NULL, version = version + 1,
  updated_at = now()
WHERE status = 'paused' AND paused_because = 'unusable';
INSERT INTO setting (name, value) VALUES ('directory', '{"version": 1}')
ON CONFLICT (name) DO UPDATE
SET value = jsonb_build_object('version', CAST(setting.value ->> 'version' AS bigint) + 1);
