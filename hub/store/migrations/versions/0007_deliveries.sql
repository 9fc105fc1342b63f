-- How the deliveries of each connection fare at the door: see hub/store/deliveries.py. Every gateway
-- changes these rows every few seconds: they keep room for new versions.
CREATE TABLE intake (
  connection TEXT NOT NULL,
  accepted_at TIMESTAMP WITH TIME ZONE,
  refused_at TIMESTAMP WITH TIME ZONE,
  refused_code TEXT,
  unproved INTEGER DEFAULT '0' NOT NULL,
  unproved_code TEXT,
  secrets TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (connection)
) WITH (fillfactor = 50);
CREATE TABLE refusal (
  connection TEXT NOT NULL,
  code TEXT NOT NULL,
  slot TIMESTAMP WITH TIME ZONE NOT NULL,
  count INTEGER DEFAULT '0' NOT NULL,
  PRIMARY KEY (connection, slot, code)
) WITH (fillfactor = 70);
GRANT SELECT, INSERT, UPDATE, DELETE ON intake, refusal TO orderhub_runtime;
