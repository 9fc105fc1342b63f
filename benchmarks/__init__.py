"""Measurements, each beside a bare floor written for the purpose: `python -m benchmarks [ONLY]`."""
