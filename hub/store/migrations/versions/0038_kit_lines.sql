-- Fulfilment lines that are parts of a kit: the order line that they are for, and what the kit was
-- made of when it was planned. Parcels that nobody was told of yet: no kit in them was whole.
ALTER TABLE fulfilment_line ADD COLUMN order_line INTEGER, ADD COLUMN kit JSONB;
ALTER TABLE shipment ADD COLUMN withheld BOOLEAN NOT NULL DEFAULT false;
