"""gunicorn masters: found, sensed, turned by signals, control socket and configuration."""

from .touchpoint import GunicornTouchpoint

__all__ = ["GunicornTouchpoint"]
