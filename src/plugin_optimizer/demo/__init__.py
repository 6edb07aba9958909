"""A small back office of seven plugin services, six of them with a real fault, and the load that shows it."""
