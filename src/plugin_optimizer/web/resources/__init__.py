"""One file per resource of the API; each brings its own routes."""
