"""Motion: the Celery app, draining of inbox and outbox, schedules."""
