"""Commands that look: doctor, audit, trace, workers, archive."""
