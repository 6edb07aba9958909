"""A series looked at closely, in a process of its own: what it needs is compiled for seconds, and no turn shall wait for that."""
