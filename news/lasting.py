"""How long something lasts, in words."""

from __future__ import annotations

_UNITS = ((86_400.0, "day", "days"), (3_600.0, "h", "h"), (60.0, "min", "min"), (1.0, "s", "s"))


def lasting(seconds: float) -> str:
    """Return a length of time in the largest unit of which there is one.

    >>> lasting(45), lasting(900), lasting(5_400), lasting(86_400), lasting(200_000)
    ('45 s', '15 min', '1.5 h', '1 day', '2.3 days')
    """
    size, one, many = next((unit for unit in _UNITS if seconds >= unit[0]), _UNITS[-1])
    number = f"{seconds / size:.1f}".removesuffix(".0")
    return f"{number} {one if number == '1' else many}"
