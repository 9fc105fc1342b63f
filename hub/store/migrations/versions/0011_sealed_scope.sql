-- The scope of a session counts only with the mark of a process that knows these two secrets. The
-- runtime role can neither read them nor make a mark: see hub/store/scope.py and decision 0009.
CREATE TABLE scope_key (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  inward BYTEA NOT NULL,
  outward BYTEA NOT NULL,
  enforced BOOLEAN NOT NULL DEFAULT false
);
INSERT INTO scope_key (id, inward, outward) SELECT 1,
  sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
  sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
REVOKE ALL ON scope_key FROM PUBLIC;
REVOKE ALL ON scope_key FROM orderhub_runtime;

-- The merchants of this session's scope; `*` is all. Every name in it is spelt out: nothing that a
-- session has on its search path changes what it reads.
CREATE FUNCTION orderhub_scope() RETURNS text[] LANGUAGE plpgsql STABLE SECURITY DEFINER
PARALLEL RESTRICTED AS $$
DECLARE
  key public.scope_key;
  whole text := coalesce(pg_catalog.current_setting('orderhub.scope', true), '');
  mark text := pg_catalog.left(whole, 64);
  scope text := pg_catalog.substr(whole, 66);
BEGIN
  SELECT * INTO key FROM public.scope_key;
  IF mark OPERATOR(pg_catalog.=) pg_catalog.encode(pg_catalog.sha256(pg_catalog.byteacat(
      key.outward, pg_catalog.sha256(pg_catalog.byteacat(key.inward, pg_catalog.convert_to(
        pg_catalog.concat(pg_catalog.pg_backend_pid(), ':', scope), 'UTF8'))))), 'hex') THEN
    RETURN pg_catalog.string_to_array(scope, ',');
  ELSIF NOT key.enforced OR pg_catalog.current_setting('role')
      OPERATOR(pg_catalog.<>) 'orderhub_runtime' THEN
    RETURN pg_catalog.string_to_array(whole, ',');
  END IF;
  RETURN '{}';
END $$;

-- What is kept apart: every policy that there is reads the scope through it from now on, once a
-- statement instead of once a row.
DO $$
DECLARE
  one record;
  rule text;
BEGIN
  FOR one IN SELECT polname, polrelid::regclass AS name, pg_get_expr(polqual, polrelid) AS was
    FROM pg_policy WHERE pg_get_expr(polqual, polrelid) LIKE '%orderhub.scope%'
  LOOP
    rule := replace(replace(one.was,
      'string_to_array(current_setting(''orderhub.scope''::text, true), '',''::text)',
      '(SELECT orderhub_scope())::text[]'),
      'current_setting(''orderhub.scope''::text, true) = ''*''::text',
      'SELECT ''*'' = ANY (orderhub_scope())');
    EXECUTE format('ALTER POLICY %I ON %s USING (%s) WITH CHECK (%s)',
      one.polname, one.name, rule, rule);
  END LOOP;
END $$;

-- Nothing that a statement leaves in a session stands before the tables for the next one in it.
DO $$ BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'not the owner of the database: temporary tables stay allowed';
END $$;
