"""What things mean and what must happen next. Knows no partner, no HTTP client, no Celery."""
