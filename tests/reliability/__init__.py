"""Measurements of the promises in docs/SAFETY.md, each a module with `measure(deep)`."""
