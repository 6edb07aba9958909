"""Containers of Docker: their limits turned by the Engine API's update, never by making them anew."""

from .touchpoint import DockerTouchpoint

__all__ = ["DockerTouchpoint"]
