"""The engine under a simulated clock, broker and partners, with seeded schedules of faults."""
