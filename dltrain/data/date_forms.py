"""Dates that are not written as ISO 8601 has it."""

from dltrain.data.columns import Sighting, as_text
from dltrain.data.reader import yaml_key
from dltrain.errors import DataError

OTHER_FORM = (
    r"^\s*([0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}|[0-9]{4}[./][0-9]{1,2}[./][0-9]{1,2})([ T][0-9]{1,2}:.*)?\s*$"
)
_ROWS = 1000


def without_other_dates(sighting: Sighting) -> Sighting:
    """The same column, whose first rows do not all hold dates such as 31/12/2024.

    As labels, such dates would tell nothing of any other day, and which number is the month is not known.

    Raises:
        DataError: they do; the message says how to write their form.
    """
    import pyarrow.compute as pc

    texts = as_text(sighting.values.slice(0, _ROWS).drop_null())
    if texts is None or not len(texts) or not pc.all(pc.match_substring_regex(texts, OTHER_FORM)).as_py():
        return sighting
    key, example = yaml_key(sighting.name), pc.max(texts).as_py().strip()[:40]
    text = f"{sighting.file}: column '{sighting.name}' holds dates such as '{example}', and which number is what is not"
    form = f'`dataset.features: {{{key}: {{datetime: {{format: "{_guess(example)}"}}}}}}`'
    raise DataError(f"{text} told by itself; write their form, such as {form}, or `{{{key}: categorical}}` for labels")


def _guess(example: str) -> str:
    """A form that may be that of a date."""
    import re

    date, _, time = example.replace("T", " ").partition(" ")
    mark = next(character for character in date if not character.isdigit())
    first, second, _ = date.split(mark)
    american = int(second) > 12
    form = mark.join(["%Y", "%m", "%d"] if len(first) == 4 else ["%m", "%d", "%Y"] if american else ["%d", "%m", "%Y"])
    parts = re.match(r"[0-9]+:[0-9]+(:[0-9]+)?", time)
    return form if parts is None else f"{form} {'%H:%M:%S' if parts[1] else '%H:%M'}"
