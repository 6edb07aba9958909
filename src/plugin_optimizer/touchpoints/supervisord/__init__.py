"""supervisord: groups of processes, found, sensed and turned one process at a time."""

from .touchpoint import SupervisordTouchpoint

__all__ = ["SupervisordTouchpoint"]
