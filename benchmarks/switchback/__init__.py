"""The referee measured: a real gunicorn whose workers are turned back and forth, judged by pairs of blocks."""
