"""The plugin services of the back office: ordinary Flask applications, each under its own gunicorn."""
