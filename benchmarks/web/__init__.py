"""The dashboard, measured in a real Chromium."""
