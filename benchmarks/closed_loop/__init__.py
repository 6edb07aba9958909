"""The closed loop, measured: real services with real faults, the engine and its peers on the same load."""
