-- For whom a key acts: an actor, such as user:ann. Empty, as of all keys of before: a program's own.
ALTER TABLE api_key ADD COLUMN owner TEXT DEFAULT '' NOT NULL;
