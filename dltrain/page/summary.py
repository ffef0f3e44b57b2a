"""What a report begins with: how the run ended, and whether it is good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dltrain.page.markup import Html, element, html
from dltrain.page.reading import Reading
from dltrain.runs.rating import Rating, line, mapping, number, shown

_MOST = 20
_TONE = {True: "good", False: "bad", None: ""}
_HEADINGS = {
    True: "✓ Better than the best simple model",
    False: "✗ Not better than the best simple model",
    None: "No verdict",
}
_WORSE = "✗ Worse than the best simple model"
_STATUS = {"completed": "good", "failed": "bad", "crashed": "bad", "killed": "bad", "broken": "bad"}
_COMPONENTS = ("task", "model", "loss", "optimizer")
_MACHINE = ("device", "device_name", "backend")
_LONGEST = 1000


def heading(found: Reading) -> Html:
    """The name of the run, and how it ended."""
    entry = found.entry
    began = f"{entry.started[:19].replace('T', ' ')} UTC" if entry.started else "at an unknown time"
    took = "" if entry.seconds is None else f", took {duration(entry.seconds)}"
    badge = element("span", entry.status, class_=f"badge {_STATUS.get(entry.status, '')}".strip())
    whole = element("a", "all folds", href="../report.html") if found.run.whole != found.run else None
    return html(
        element("p", "dltrain · report of a training", " · " if whole else "", whole, class_="crumb"),
        element("h1", found.title, " ", badge),
        element("p", f"begun {began}{took}"),
    )


def duration(seconds: float) -> str:
    """``5.6 s``, ``3 min 20 s`` or ``2 h 5 min``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60} min"


def verdict(found: Reading) -> Html:
    """Whether the network is better than simple models, with the main score of each as numbers and as a picture."""
    if found.entry.status != "completed":
        return _stopped(found)
    said, ratings = mapping(found.metrics.get("verdict")), found.entry.ratings
    if not ratings.metric:
        return element("section", element("h2", "No scores"), class_="verdict", aria_label="Verdict")
    beaten = said.get("beaten") if said.get("beaten") in (True, False) and said else None
    title = "Scores" if not said else _WORSE if _is_worse(said) else _HEADINGS[beaten]
    number_ = html(element("strong", shown(ratings.main.score)), element("span", f"{ratings.split} {ratings.metric}"))
    parts = [element("h2", title), element("p", number_, element("span", _around(ratings.main)), class_="main")]
    if text := str(said.get("text") or "")[:_LONGEST]:
        parts.append(element("p", text))
    return element("section", *parts, _scale(found), class_=f"verdict {_TONE[beaten]}".strip(), aria_label="Verdict")


def _is_worse(said: Mapping[str, Any]) -> bool:
    """Whether the whole interval of the difference is below zero."""
    ends = said.get("interval")
    high = number(ends[1]) if isinstance(ends, list) and len(ends) == 2 else None
    return said.get("beaten") is False and high is not None and high < 0


def _around(rating: Rating) -> str:
    if rating.interval:
        return f"95 % interval {shown(rating.interval[0])} to {shown(rating.interval[1])}"
    return "" if rating.deviation is None else f"± {shown(rating.deviation)} over the folds"


def _stopped(found: Reading) -> Html:
    """Why there is no verdict."""
    entry = found.entry
    reason = str(found.manifest.get("error") or entry.problem or "")[: 4 * _LONGEST]
    text = element("pre", reason) if reason else element("p", "It has no scores yet.")
    return element(
        "section", element("h2", f"This run is {entry.status}"), text, class_="verdict bad", aria_label="Verdict"
    )


def baselines(found: Reading) -> dict[str, Mapping[str, Any]]:
    """Each simple model by what it is called in a sentence, at most a few."""
    every = list(mapping(found.metrics.get("baselines")).items())[:_MOST]
    return {line(mapping(values).get("text") or name.replace("_", " ")): mapping(values) for name, values in every}


def rating_of(model: Mapping[str, Any], metric: str) -> Rating:
    """The score of a simple model."""
    ends = mapping(model.get("intervals")).get(metric)
    low, high = map(number, ends) if isinstance(ends, list) and len(ends) == 2 else (None, None)
    score = number(mapping(model.get("scores")).get(metric))
    return Rating(score, None if low is None or high is None else (low, high))


def _scale(found: Reading) -> Html | None:
    """The main score of each model with its interval, on one scale."""
    ratings = found.entry.ratings
    rated = {"this network": ratings.main}
    rated |= {text: rating_of(model, ratings.metric or "") for text, model in baselines(found).items()}
    if len(rated) < 2:
        return None
    ends = [end for rating in rated.values() for end in _reach(rating)]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    rows = []
    for index, (text, rating) in enumerate(rated.items()):
        value = html(shown(rating.score), " ", element("small", rating.spread))
        cells = html(
            element("th", text, scope="row"), element("td", value),
            element("td", _track(rating, low, high), class_="track", aria_hidden="true"),
        )  # fmt: skip
        rows.append(element("tr", cells, class_=index == 0 and "network"))
    return element(
        "div", element("table", element("tbody", *rows), class_="scale", aria_label="Main score"), class_="wide"
    )


def _reach(rating: Rating) -> list[float]:
    return [] if rating.score is None else [rating.score, *(rating.interval or ())]


def _track(rating: Rating, low: float, high: float) -> Html:
    """A dot at the score, and a bar over its interval."""
    if rating.score is None:
        return element("div")
    span = high / 2 - low / 2

    def place(value: float) -> float:
        return 50.0 if span <= 0 else 2 + 96 * min(max((value / 2 - low / 2) / span, 0.0), 1.0)

    begin, end = map(place, rating.interval or (rating.score, rating.score))
    bar = element("i", style=f"left:{min(begin, end):.2f}%;width:{abs(end - begin):.2f}%")
    return element("div", bar, element("b", style=f"left:{place(rating.score):.2f}%"))


def facts(found: Reading) -> Html | None:
    """Data, model and machine in a few words each."""
    told = {label: text for label, text in _facts(found).items() if text}
    if found.folds:
        told = {f"{label} of fold 1" if label in ("Rows", "Epochs") else label: text for label, text in told.items()}
    parts = (element("div", element("dt", label), element("dd", text)) for label, text in told.items())
    return element("dl", *parts, class_="facts") if told else None


def _facts(found: Reading) -> dict[str, str]:
    manifest, settings = found.facts, found.settings
    runtime, parameters = mapping(manifest.get("runtime")), number(manifest.get("parameters"))
    task, model, *rest = (line(mapping(settings.get(part)).get("type") or "") for part in _COMPONENTS)
    sizes = [] if parameters is None else [f"{parameters:,.0f} parameters"]
    return {
        "Data": line(mapping(manifest.get("dataset")).get("origin") or ""),
        "Rows": _rows(manifest),
        "Task": task.replace("_", " "),
        "Model": ", ".join(filter(None, [model, *sizes])),
        "Loss and optimizer": ", ".join(filter(None, rest)),
        "Epochs": _epochs(manifest),
        "Device": ", ".join(line(runtime[name]) for name in _MACHINE if runtime.get(name)),
        "Monitored": line(manifest.get("monitor") or ""),
    }


def _rows(manifest: Mapping[str, Any]) -> str:
    counts = mapping(mapping(manifest.get("splits")).get("rows"))
    known = {name: number(counts.get(name)) for name in ("train", "validation", "test")}
    return ", ".join(f"{count:,.0f} {name}" for name, count in known.items() if count is not None)


def _epochs(manifest: Mapping[str, Any]) -> str:
    done, best = number(manifest.get("epochs")), number(manifest.get("best_epoch"))
    return "" if done is None or best is None else f"{done:,.0f}; the weights of epoch {best:,.0f} are kept"
