"""The REST API, the login and the dashboard's static files: the only place that knows Flask."""
