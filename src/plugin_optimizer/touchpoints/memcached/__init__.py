"""memcached servers: sensed and sized."""

from .touchpoint import MemcachedTouchpoint

__all__ = ["MemcachedTouchpoint"]
