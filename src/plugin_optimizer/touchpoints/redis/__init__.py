"""Redis servers: sensed, sized, and told a policy."""

from .touchpoint import RedisTouchpoint

__all__ = ["RedisTouchpoint"]
