"""Real third-party systems that tests install, start on loopback and stop."""
