"""The returns desk: the queue, one return, parcels of nobody, and what people decide."""
