"""Judges of changes on one labelled set: ours, and the rules of its peers."""
