"""The log: one line an event, as JSON or text, nothing secret in it, nothing that breaks a line.

`get(name).info("parked", message=id, reason=code)`: an event's name and fields, never a sentence.
What other libraries log goes the same way. It is written to standard error.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

import structlog

from hub.settings import Settings

MASK = "***"
_QUIET = ("amqp", "kombu", "urllib3", "celery", "alembic")  # of little use below a warning
_NAMES_OF_SECRETS = (
    "authorization|passw(?:or)?d|passphrase|secret|token|signature|sign|api[_-]?key|private[_-]?key"
    "|(?:set[_-])?cookie|credentials?|session[_-]?id|otp|totp"
)
_SECRET_NAME = re.compile(
    rf"(?:^|[_.\W])(?:{_NAMES_OF_SECRETS})s?$|^\w*(?:secret|password|token)$", re.IGNORECASE
)
_SECRET_TEXTS = (
    (re.compile(r"\b(Bearer|Basic)\s+[^\s,;'\"]+", re.IGNORECASE), rf"\1 {MASK}"),
    (re.compile(r"(://[^/\s:@]*:)[^/\s@]+@"), rf"\1{MASK}@"),
    (
        re.compile(
            rf"(?<![a-z])({_NAMES_OF_SECRETS})(['\"]?\s?[=:]\s?['\"]?)(?!\*\*\*)[^\s&'\",;]+",
            re.IGNORECASE,
        ),
        rf"\1\2{MASK}",
    ),
    (re.compile(r"\bwhsec_[A-Za-z0-9+/=_-]+"), f"whsec_{MASK}"),
)
# what could end a line, move the cursor, or turn the direction of what follows
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_PLAIN = (str, int, float, bool, type(None))
_TEXTUAL = (Decimal, UUID, datetime, date, time, timedelta, PurePath, BaseException)
_DEPTH = 6


class _OneLine(logging.Handler):
    """Our handler; configuring twice replaces it and leaves those of others."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001  # a log that cannot be written stops nobody
            self.handleError(record)


def get(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module. Context bound with structlog.contextvars comes with it."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def configure(settings: Settings) -> None:
    """Send every log of this process, ours and other libraries', to standard error as one line."""
    ours: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*ours, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _OneLine()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*ours, structlog.stdlib.ExtraAdder(), _without_copies],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                mask,
                _as_json if settings.log == "json" else _as_text,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [kept for kept in root.handlers if not isinstance(kept, _OneLine)] + [handler]
    root.setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # it warns of delayed tasks, which the hub never publishes
    logging.getLogger("kombu.transport.native_delayed_delivery").setLevel(logging.ERROR)


def adopt(*names: str) -> None:
    """Take loggers that a library gave handlers of its own: theirs go, ours serves."""
    for name in names:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """Hide what must not be read: values by the name of their field, and by how they look."""
    return {str(name): _masked(str(name), value, _DEPTH) for name, value in event.items()}


def _masked(name: str, value: Any, depth: int) -> Any:
    if _SECRET_NAME.search(name) and value is not None and not isinstance(value, bool):
        return MASK
    if isinstance(value, Mapping):
        return {str(k): _masked(str(k), v, depth - 1) for k, v in value.items()} if depth else MASK
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked("", item, depth - 1) for item in value] if depth else MASK
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    return _plain(value.value if isinstance(value, Enum) else value)


def _plain(value: Any) -> Any:
    if not isinstance(value, (*_PLAIN, *_TEXTUAL)):
        return f"<{type(value).__name__}>"
    if isinstance(value, (str, *_TEXTUAL)):
        value = str(value)
        for pattern, instead in _SECRET_TEXTS:
            value = pattern.sub(instead, value)
    return value


def _without_copies(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Any:
    """Drop what another handler's formatter leaves on a foreign record: the event once more."""
    for name in ("message", "asctime"):
        event.pop(name, None)
    return event


def _as_json(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    order = ("timestamp", "level", "logger", "event")
    line = {name: event.pop(name) for name in order if name in event} | dict(event)
    return _escaped(json.dumps(line, ensure_ascii=False))


def _as_text(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    head = [str(event.pop(name, "-")) for name in ("timestamp", "level", "logger", "event")]
    fields = [f"{name}={_quoted(value)}" for name, value in event.items()]
    return _escaped(" ".join(head + fields))


def _quoted(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"[^\s\"'=\\]+", value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _escaped(line: str) -> str:
    return _UNPRINTABLE.sub(lambda found: json.dumps(found[0])[1:-1], line)
