"""The public door: partners' webhooks and the Open API."""
