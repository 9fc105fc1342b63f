-- What was odd in a delivery and stopped nothing: a list of {path, code, message}.
ALTER TABLE message ADD COLUMN warnings JSONB;
