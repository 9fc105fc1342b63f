-- What the books behind each connection were told of the ledger, see hub/store/books.
CREATE TABLE book_entry (
  connection TEXT NOT NULL,
  entry_id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  half TEXT NOT NULL,
  day DATE NOT NULL,
  currency TEXT NOT NULL,
  number TEXT,
  PRIMARY KEY (connection, entry_id, merchant_id)
);
CREATE INDEX book_entry_due ON book_entry (connection, day) WHERE number IS NULL;
CREATE INDEX book_entry_number ON book_entry (connection, number);
GRANT SELECT, INSERT, UPDATE, DELETE ON book_entry TO orderhub_runtime;
ALTER TABLE book_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE book_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON book_entry USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE book_telling (
  connection TEXT NOT NULL,
  number TEXT NOT NULL,
  merchant_id TEXT NOT NULL,
  day DATE NOT NULL,
  meant DATE,
  currency TEXT NOT NULL,
  total NUMERIC(20, 6) NOT NULL,
  entries INTEGER DEFAULT '0' NOT NULL,
  message_id UUID NOT NULL,
  reference TEXT,
  told_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  booked_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (connection, number, merchant_id)
);
CREATE INDEX book_telling_message ON book_telling (message_id);
CREATE INDEX book_telling_open ON book_telling (connection, day) WHERE booked_at IS NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON book_telling TO orderhub_runtime;
ALTER TABLE book_telling ENABLE ROW LEVEL SECURITY;
ALTER TABLE book_telling FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON book_telling USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE book_lock (
  merchant_id TEXT NOT NULL,
  connection TEXT NOT NULL,
  until DATE NOT NULL,
  closed_by TEXT NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (merchant_id, connection)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON book_lock TO orderhub_runtime;
ALTER TABLE book_lock ENABLE ROW LEVEL SECURITY;
ALTER TABLE book_lock FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON book_lock USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
