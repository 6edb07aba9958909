"""uWSGI: found, sensed by its stats server and the kernel, turned by master FIFO or ini file and reload."""

from .touchpoint import UwsgiTouchpoint

__all__ = ["UwsgiTouchpoint"]
