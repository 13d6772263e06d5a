"""Structured logs: one JSON object a line, without secrets.

Only ``gridboss-assets serve``, ``worker`` and ``dev`` set logging up, with :func:`log_config`; an
embedding application keeps its own set-up, and may use :class:`JsonFormatter` in it.
"""

import logging
import re
import time
from functools import lru_cache
from typing import Any

from pydantic_core import to_json

_FIELDS = ("request_id", "method", "path", "status", "ms", "owner")

# Signatures in URLs, forms and cookies (CloudFront's is a `Signature`), bearer tokens, a URL's
# user and password, anything of a JWT's form, and private keys.
_SECRETS = re.compile(
    r"(?P<name>(?:x-amz-(?:signature|credential|security-token)|\b(?:cloudfront-)?signature)"
    r"[\"']?\s*[=:]\s*[\"']?|bearer\s+)"
    r"[^\s\"'&,;}]+"
    r"|(?P<begin>-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]+?(?=-----END|\Z)"
    r"|(?<=://)[^\s/?#\"']+(?=@)"
    r"|eyJ[\w-]{5,}\.[\w-]+\.[\w-]*",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Replace signatures, credentials and tokens in ``text`` by ``[redacted]``."""
    lower = text.lower()
    if not any(
        hint in lower for hint in ("signature", "x-amz-", "bearer", "eyj", "://", "private key")
    ):
        return text  # most lines: a tenth of the time of a search for the pattern
    return _SECRETS.sub(lambda match: f"{match['name'] or match['begin'] or ''}[redacted]", text)


@lru_cache(maxsize=4)
def _utc(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


class JsonFormatter(logging.Formatter):
    """One record as one line of JSON, secrets redacted."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the line: time (UTC), level, logger, message, and the request's fields."""
        line: dict[str, Any] = {
            "time": f"{_utc(int(record.created))}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        known = record.__dict__
        line |= {name: known[name] for name in _FIELDS if known.get(name) is not None}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return redact(to_json(line, fallback=str).decode())


def log_config(level: str = "INFO") -> dict[str, Any]:
    """Return a ``logging.config.dictConfig`` dictionary: JSON lines on standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "loggers": {
            "gridboss_assets": {"level": level},
            "uvicorn": {"level": level},
            # The product writes a line of its own about each request.
            "uvicorn.access": {"level": "WARNING"},
            # botocore logs signed headers at DEBUG, and they say nothing to an operator.
            "botocore": {"level": "INFO"},
            # pika logs a dozen lines and a trace for a connection that is lost, and raises it too.
            "pika": {"level": "CRITICAL"},
        },
        "root": {"level": "WARNING", "handlers": ["stderr"]},
    }
