"""How the words of the domain look in JSON: human units and texts stand beside SI units and codes."""
