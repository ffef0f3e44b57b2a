"""The interval of a share of rows."""

_QUANTILE = 1.959963984540054
"""97.5 % of the normal distribution; ``statistics.NormalDist`` would be imported by `validate`."""


def wilson(hits: float, trials: float) -> tuple[float, float] | None:
    """Wilson's 95 % interval of a share (1927, "Probable inference"): ``hits`` of ``trials``; None without trials.

    ``(p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)``
    """
    if trials <= 0:
        return None
    z, share = _QUANTILE, hits / trials
    middle, scale = share + z * z / (2 * trials), 1 + z * z / trials
    reach = z * (share * (1 - share) / trials + (z / (2 * trials)) ** 2) ** 0.5
    return max((middle - reach) / scale, 0.0), min((middle + reach) / scale, 1.0)
