-- What took a message's place: "message:ID" or "fulfilment_order:NUMBER". See hub/store/overtaking.py.
ALTER TABLE message ADD COLUMN successor TEXT;
