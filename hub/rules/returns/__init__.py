"""What comes back: reviewed, matched, sorted, and priced to the cent."""
