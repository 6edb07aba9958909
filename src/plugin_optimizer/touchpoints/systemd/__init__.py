"""Units of systemd: services whose limits of CPU and memory can be turned while they run, and that can be started again."""

from .touchpoint import SystemdTouchpoint

__all__ = ["SystemdTouchpoint"]
