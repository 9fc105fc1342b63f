"""What happens by the clock: the sweep, retention, the anchor of the audit."""
