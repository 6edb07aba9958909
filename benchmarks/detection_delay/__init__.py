"""From the onset of a fault to the suggestion, and suggestions where nothing is wrong: seeded simulations."""
