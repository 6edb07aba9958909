"""Celery workers: found, sensed and turned by remote control, and drained before they shrink."""

from .touchpoint import CeleryTouchpoint

__all__ = ["CeleryTouchpoint"]
