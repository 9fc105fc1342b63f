"""The console: pages for integration staff, in English and Chinese."""
