"""Scores in a report: beside those of simple models, of all splits, of each class, of each fold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from dltrain.experiment import meets
from dltrain.page.markup import Html, breakable, details, each, element, html, table
from dltrain.page.reading import Reading
from dltrain.page.summary import baselines, rating_of
from dltrain.runs.rating import Rating, line, mapping, number, shown, smaller_is_better

_MOST_SCORES = 300
_MOST_CLASSES = 200
_MOST_EPOCHS = 200
_MOST_COLUMNS = 40
_OPEN_CLASSES = 12
_PLACES = ("precision", "recall", "f1")


def scores(found: Reading) -> Html | None:
    """The scores of the rows that were held out beside those of simple models, and those of all splits."""
    ratings = found.entry.ratings
    if not ratings.split:
        return None
    held = ratings.splits[ratings.split]
    chosen = [name for name in _chosen(found) if name in held] or list(held)[:_MOST_SCORES]
    rest = [name for name in list(held)[:_MOST_SCORES] if name not in chosen]
    parts = [_beside(found, chosen, f"Scores on the {ratings.split} rows"), _undefined(found, chosen)]
    if rest:
        parts.append(details(f"{len(rest)} more scores", _beside(found, rest, "More scores"), _undefined(found, rest)))
    if len(ratings.splits) > 1:
        parts.append(details("Scores of all splits", _of_splits(found)))
    return each(parts)


def _chosen(found: Reading) -> list[str]:
    """The scores that are worth a look, the main one first."""
    named = found.metrics.get("shown")
    every = [str(name) for name in named[:_MOST_SCORES]] if isinstance(named, list) else []
    main = found.entry.ratings.metric
    return list(dict.fromkeys([*([main] if main and every else []), *every]))


def _beside(found: Reading, names: Sequence[str], label: str) -> Html:
    ratings, models = found.entry.ratings, baselines(found) if found.entry.ratings.split != "train" else {}
    held = ratings.splits[ratings.split or ""]
    rows = []
    for name in names:
        each_ = [held[name], *(rating_of(model, name) for model in models.values())]
        best = _best(name, [rating.score for rating in each_])
        rows.append([breakable(line(name)), *(_cell(rating, index == best) for index, rating in enumerate(each_))])
    return table([ratings.split, "this network", *models], rows, label=label, style="scores")


def _best(name: str, values: Sequence[float | None]) -> int | None:
    """Which of several is best; None of one."""
    known = {index: value for index, value in enumerate(values) if value is not None}
    if len(known) < 2 or name.startswith("naive_"):
        return None
    return (min if smaller_is_better(name) else max)(known, key=known.__getitem__)


def _cell(rating: Rating, best: bool) -> Html:
    around = element("small", rating.spread) if rating.spread else None
    return html(element("span", shown(rating.score), class_=best and "best"), around)


def _undefined(found: Reading, names: Sequence[str]) -> Html | None:
    """Why scores are not defined, a line for each reason."""
    own = mapping(found.metrics.get("undefined")).get(found.entry.ratings.split or "")
    reasons = {"this network": mapping(own)}
    reasons |= {text: mapping(model.get("undefined")) for text, model in baselines(found).items()}
    lines = [
        element("p", f"{name} of {text} is not defined: {line(why[name])}", class_="soft")
        for text, why in reasons.items()
        for name in names
        if name in why
    ]
    return each(lines) if lines else None


def _of_splits(found: Reading) -> Html:
    splits = found.entry.ratings.splits
    names = list(dict.fromkeys(name for held in splits.values() for name in held))[:_MOST_SCORES]
    rows = (
        [breakable(line(name)), *(_cell(held.get(name, Rating()), False) for held in splits.values())] for name in names
    )
    return table(["", *splits], rows, label="Scores of all splits", style="scores")


def expectations(found: Reading) -> Html | None:
    """What the config expects of the scores, and what they are."""
    wanted, ratings = mapping(found.settings.get("expect")), found.entry.ratings
    rows = []
    for key, bound in list(wanted.items())[:_MOST_SCORES]:
        score = ratings.find(str(key))
        met = score is not None and _meets(score, bound)
        rows.append([breakable(line(key)), line(bound), shown(score), _tone("✓ met" if met else "✗ missed", met)])
    return table(["score", "bound", "is", ""], rows, label="Expected scores") if rows else None


def _meets(score: float, bound: object) -> bool:
    try:
        return meets(score, str(bound))
    except AttributeError:
        return False


def _tone(text: str, good: bool) -> Html:
    return element("span", text, class_=f"badge {'good' if good else 'bad'}")


def classes(found: Reading) -> Html | None:
    """Precision, recall, F1 and the rows of each class or label."""
    split = found.entry.ratings.split or ""
    every = mapping(mapping(found.metrics.get("classes")).get(split))
    if not every:
        return None
    shown_ = list(every.items())[:_MOST_CLASSES]
    rows = [[line(name), *_class_cells(mapping(values))] for name, values in shown_]
    made = table([split, "precision", "recall", "F1", "rows"], rows, label=f"Scores of each class on the {split} rows")
    left = len(every) - len(shown_)
    note = element("p", f"{left:,} more are in metrics.json.") if left else None
    if len(rows) <= _OPEN_CLASSES:
        return html(made, note)
    return details(f"{len(every):,} classes or labels", made, note)


def _class_cells(values: Mapping[str, Any]) -> list[str]:
    support = number(values.get("support"))
    return [*(shown(number(values.get(name))) for name in _PLACES), "-" if support is None else f"{support:,.0f}"]


def folds(found: Reading) -> Html | None:
    """The main score of each fold, with a link to its own report."""
    if not found.folds:
        return None
    rows = []
    for fold in found.folds:
        name, metric = fold.run.path.name, found.entry.ratings.metric or fold.ratings.metric
        score = fold.ratings.splits.get(fold.ratings.split or "", {}).get(metric or "", Rating())
        link = element("a", name, href=f"./{quote(name)}/report.html")
        rows.append([link, fold.status, html(shown(score.score), " ", element("small", score.spread))])
    metric = found.entry.ratings.metric or "score"
    return table(["fold", "status", f"{found.entry.ratings.split or ''} {metric}".strip()], rows, label="Folds")


def epochs(found: Reading) -> Html | None:
    """Loss and metrics of the epochs, thinned out where there are many."""
    history = dict(list(found.history.items())[:_MOST_COLUMNS])
    count = max(map(len, history.values()), default=0)
    if not count:
        return None
    kept = min(count, _MOST_EPOCHS)
    places = [(index + 1) * count // kept - 1 for index in range(kept)]
    rows = ([_epoch(history, place), *_values(history, place)] for place in places)
    names = [name for name in history if name != "epoch"]
    made = table(["epoch", *map(line, names)], rows, label="Loss and metrics of each epoch")
    return details(f"{count:,} epochs" + ("" if kept == count else f", {kept} of them shown"), made)


def _epoch(history: Mapping[str, Sequence[float]], place: int) -> str:
    column = history.get("epoch")
    return f"{column[place]:.0f}" if column and math.isfinite(column[place]) else f"{place + 1}"


def _values(history: Mapping[str, Sequence[float]], place: int) -> list[str]:
    values = (column[place] for name, column in history.items() if name != "epoch")
    return [shown(value) if math.isfinite(value) else str(value) for value in values]
