"""How connections and the hub do: breaker, pace, condition, detectors."""
