"""Numbers as a person reads them: three digits and a unit."""

import math

_TIMES = ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns"))
_SIZES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B"))


def digits(value: float) -> str:
    """Write a number with three digits and without an exponent.

    >>> [digits(value) for value in (0.0, 0.25, 12.345, 1234.5, 0.00001)]
    ['0', '0.25', '12.3', '1,234', '<0.001']
    """
    if not math.isfinite(value):
        return str(value)
    if 0 < value < 0.001:
        return "<0.001"
    if abs(value) >= 99.95:  # that `g` would round to an exponent, or to a digit too few
        return f"{value:,.0f}"
    return f"{round(value, 3) + 0.0:.3g}"  # + 0.0: never -0


def duration(ns: float) -> str:
    """Write nanoseconds in the unit that fits.

    >>> duration(12_345.0)
    '12.3 µs'
    """
    return _in(_unit(ns, _TIMES), ns)


def interval(low: float, high: float) -> str:
    """Write two durations in one unit.

    >>> interval(980.0, 12_345.0)
    '0.98 to 12.3 µs'
    """
    scale, name = _unit(max(abs(low), abs(high)), _TIMES)
    return f"{digits(low / scale)} to {digits(high / scale)} {name}"


def size(count: float) -> str:
    """Write bytes in the unit that fits.

    >>> size(2_500_000)
    '2.5 MB'
    """
    return _in(_unit(count, _SIZES), count)


def share(part: float) -> str:
    """Write a part of one as per cent.

    >>> share(0.0123)
    '1.23 %'
    """
    return f"{digits(100 * part)} %"


def _unit(value: float, units: tuple[tuple[float, str], ...]) -> tuple[float, str]:
    """Find the largest unit of which there is at least one, once rounded."""
    fitting = (unit for unit in units if abs(value) >= 0.9995 * unit[0])
    return next(fitting, units[-1])


def _in(unit: tuple[float, str], value: float) -> str:
    return f"{digits(value / unit[0])} {unit[1]}"
