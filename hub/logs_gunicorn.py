"""gunicorn's log through ours: set `logger_class` to GunicornLogger."""

from typing import Any

from gunicorn.glogging import Logger

from hub.logs import adopt


class GunicornLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's own logger without its handlers: the process is configured by hub.logs."""

    def setup(self, cfg: Any) -> None:
        self.loglevel = self.LOG_LEVELS.get(cfg.loglevel.lower(), self.LOG_LEVELS["info"])
        self.error_log.setLevel(self.loglevel)
        self.access_log.setLevel(self.loglevel)
        adopt("gunicorn.error", "gunicorn.access")

    def reopen_files(self) -> None:
        """Have no files to reopen."""
