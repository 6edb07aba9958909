"""uvicorn with workers: found, sensed and turned by signals."""

from .touchpoint import UvicornTouchpoint

__all__ = ["UvicornTouchpoint"]
