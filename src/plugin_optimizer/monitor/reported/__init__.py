"""Figures that others measured: pushed to us, scraped, or pulled from a Prometheus; mapped to the metrics we keep."""
