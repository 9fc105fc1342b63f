"""What the hub knows of itself: incidents, measures, deliveries at the door, workers."""
