-- Terms for returns by version, as contracts are: what counted so far has counted ever since. See
-- hub/store/config/return_terms.py.
ALTER TABLE return_policy RENAME COLUMN updated_at TO at;
ALTER TABLE return_policy
  ADD COLUMN version INTEGER DEFAULT 1 NOT NULL,
  ADD COLUMN valid_from TIMESTAMP WITH TIME ZONE DEFAULT '1970-01-01 00:00:00+00' NOT NULL,
  ADD COLUMN author TEXT DEFAULT 'system' NOT NULL;
ALTER TABLE return_policy ALTER COLUMN valid_from DROP DEFAULT, ALTER COLUMN author DROP DEFAULT;
ALTER TABLE return_policy DROP CONSTRAINT return_policy_pkey;
ALTER TABLE return_policy ADD PRIMARY KEY (merchant_id, version);
REVOKE UPDATE, DELETE ON return_policy FROM orderhub_runtime;
