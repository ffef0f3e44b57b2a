"""Reading and preparing: JPEG folders against tf.data, and how the cost grows with the rows.

    python -m benchmarks.reading [photos] [growth] [--rounds N]

Start-up is what a table or folder of a few rows takes; the exponent k of t = start-up + a n^k is that of the medians
at 1 and 8 times the rows.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import statistics
import sys
import tarfile
import tempfile
from pathlib import Path

from benchmarks import made_table
from benchmarks.by_hand.rows import data
from benchmarks.results import conclude, exponent, machine, ratio, spread
from benchmarks.turns import Side, require_data, take_turns

PHOTOS_BAR, GROWTH_BAR = 0.9, 1.05
PHOTOS = """\
dataset: {{path: {path}, type: image_folder}}
splits: {{validation: none, test: 0.1}}
model: {{type: cnn, filters: 4, units: 4}}
"""
TABLE = """\
dataset: {{path: {path}, target: y}}
splits: {{validation: none, test: 0.1}}
model: {{type: mlp, units: [4]}}
"""
FEW, MULTIPLES = 40, (1, 2, 4, 8)
ROWS = {"photos": 1_500, "csv": 40_000, "parquet": 80_000}
"""Of 1x."""


def main() -> None:
    """Prints speeds and exponents; exits 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "parts", nargs="*", choices=["photos", "growth"], metavar="PART", help="photos or growth; else both"
    )
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    require_data()
    print(json.dumps(machine()))
    parts, met = options.parts or ["photos", "growth"], []
    with tempfile.TemporaryDirectory(dir=os.environ.get("DLTRAIN_SCRATCH")) as folder:
        files = _unpacked(Path(folder))
        if "photos" in parts:
            met.append(_photos(Path(folder), files, options.rounds))
        if "growth" in parts:
            met += [_growth(kind, Path(folder), files, options.rounds) for kind in ROWS]
    sys.exit(not all(met))


def _unpacked(folder: Path) -> list[Path]:
    """The photos, cats and dogs in turn."""
    with tarfile.open(data("cats_vs_dogs.tar.gz")) as archive:
        archive.extractall(folder / "archive", filter="data")
    found = [sorted((folder / "archive").rglob(f"{label}/*.jpg")) for label in ("cat", "dog")]
    return [path for pair in zip(*found, strict=True) for path in pair]


def _folder(folder: Path, files: list[Path]) -> Path:
    """Links to `files` in a folder for each class."""
    for number, file in enumerate(files):
        place = folder / file.parent.name
        place.mkdir(parents=True, exist_ok=True)
        os.link(file, place / f"{number:05}.jpg")
    return folder


def _config(path: Path) -> Path:
    config = path.with_name(f"{path.name}.yaml")
    config.write_text((PHOTOS if path.is_dir() else TABLE).format(path=path), encoding="utf-8")
    return config


def _photos(folder: Path, files: list[Path], rounds: int) -> bool:
    path = _folder(folder / "photos", files)
    ours = Side("dltrain", "benchmarks.measured_reading", ("dltrain", str(_config(path))))
    theirs = Side("tf.data", "benchmarks.measured_reading", ("by_hand", str(path)))
    measures = take_turns([ours, theirs], rounds=rounds)
    first, second = (measures[name][0] for name in ("dltrain", "tf.data"))
    if first["rows"] != second["rows"] or not math.isclose(first["sum"], second["sum"], rel_tol=1e-6):
        raise SystemExit(f"photos: other rows or pixels: {first}, {second}")
    speeds = {name: [each["rows_per_second"] for each in found] for name, found in measures.items()}
    for name, values in speeds.items():
        print(f"photos: {name:<8} {spread(values, 'files/s')}")
    found = ratio("photos", ("dltrain", speeds["dltrain"]), ("tf.data", speeds["tf.data"]), bar=PHOTOS_BAR)
    return conclude("reading", "photos", [found], {"measures": measures})


def _growth(kind: str, folder: Path, files: list[Path], rounds: int) -> bool:
    counts = {multiple: multiple * ROWS[kind] for multiple in MULTIPLES}
    places = {multiple: folder / f"{kind}-{multiple}" for multiple in (0, *MULTIPLES)}
    for multiple, place in places.items():
        rows = counts.get(multiple, FEW)
        if kind == "photos":
            _folder(place, files[:rows])
        else:
            places[multiple] = place.with_suffix(f".{kind}")
            made_table.write(places[multiple], rows)
    sides = [
        Side(str(multiple), "benchmarks.measured_reading", ("dltrain", str(_config(place))))
        for multiple, place in places.items()
    ]
    measures = take_turns(sides, rounds=rounds)
    times = {int(name): statistics.median(each["seconds"] for each in found) for name, found in measures.items()}
    for place in places.values():
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    start_up = times.pop(0)
    found = exponent(times, start_up)
    shown = ", ".join(f"{counts[multiple]:,} rows {seconds:.2f} s" for multiple, seconds in times.items())
    print(f"growth of {kind}: start-up {start_up:.2f} s, {shown}; exponent {found:.3f} (at most {GROWTH_BAR})")
    details = {"exponent": found, "bar": GROWTH_BAR, "measures": measures}
    return conclude("reading", f"growth-{kind}", [], details) and found <= GROWTH_BAR


if __name__ == "__main__":
    main()
