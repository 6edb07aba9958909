"""The process that may signal: it senses and turns for an engine that may not. Knows neither web nor database."""
