"""The outbox worked: partners told or asked, their answers kept."""
