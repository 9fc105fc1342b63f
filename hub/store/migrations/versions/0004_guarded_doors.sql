-- Signatures that were used, for as long as their time is taken: see hub/store/signatures.py.
CREATE TABLE used_signature (
  digest BYTEA NOT NULL PRIMARY KEY,
  key TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()
);
CREATE INDEX used_signature_at ON used_signature (at);
GRANT SELECT, INSERT, DELETE ON used_signature TO orderhub_runtime;
