-- Up to which follower (work.seq) of a parked message was looked at: see hub/store/passing.py.
ALTER TABLE work ADD COLUMN looked_at BIGINT;
CREATE INDEX work_parked ON work (connection, shard) WHERE status = 'parked';
