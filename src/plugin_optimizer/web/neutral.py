"""Cells that a spreadsheet will not run."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def neutral(cell: object) -> object:
    """Return a text that a spreadsheet will not take for a formula; numbers stay numbers (OWASP, CSV Injection)."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA_STARTS):
        return "'" + cell
    return cell
