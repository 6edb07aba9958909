"""How long it takes from `pip install` to the first suggestion about a service that nobody prepared."""
