"""Safe tuning of one knob over many response curves: the product beside its peers."""
