"""Watch, tune and verify the plugins of a running platform."""

__version__ = "0.1.0"
