-- Orders to one address leave as one parcel: `merged_into` is the fulfilment order whose notice tells
-- of this one too, `line_offset` what was added there to its line numbers. `recipient` is a keyed mark
-- of who it is for and how it travels, of those that may meet others. `revision` counts from now on
-- how often it was told, of those that were taken back unsent.
ALTER TABLE fulfilment_order ADD COLUMN merged_into UUID;
ALTER TABLE fulfilment_order ADD COLUMN line_offset INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fulfilment_order ADD COLUMN recipient BYTEA;
CREATE INDEX fulfilment_order_merged ON fulfilment_order (merged_into)
  WHERE merged_into IS NOT NULL;
CREATE INDEX fulfilment_order_meeting ON fulfilment_order (recipient)
  WHERE recipient IS NOT NULL AND status = 'notified';
