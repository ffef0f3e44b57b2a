"""How many digits of a score people read."""


def digits(value: float, *, sign: str = "") -> str:
    """To four digits after the point, or to four significant ones where it is large or tiny.

    Args:
        value: the score.
        sign: ``+`` where one stands before numbers above 0 too.
    """
    return f"{value:{sign}.4f}" if 1e-3 <= abs(value) < 1e4 or value == 0 else f"{value:{sign}.4g}"
