-- What shows that an entry is the hub's own: see hub/store/audit.py. Entries of before have none.
ALTER TABLE audit ADD COLUMN mark BYTEA;
