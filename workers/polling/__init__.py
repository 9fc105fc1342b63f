"""Partners asked what changed: their answers kept in the inbox, beside what webhooks brought."""
