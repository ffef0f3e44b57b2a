"""What one backend gives, in a process of its own: `python trial.py BACKEND FOLDER FIRST_RUN_OF_EACH...`.

On JAX and PyTorch TensorFlow cannot be imported here, as where it is not installed. Writes FOLDER/BACKEND.json.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from importlib.machinery import PathFinder
from pathlib import Path


def hide_tensorflow():
    """As if it were not installed."""
    find = PathFinder.find_spec

    def finding(name, path=None, target=None):
        return None if name.partition(".")[0] == "tensorflow" else find(name, path, target)

    PathFinder.find_spec = finding


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def from_the_same_weights(backend, folder, first):
    """Twenty steps from the weights of a run on TensorFlow: losses, and a digest of the splits."""
    import dltrain

    name = first.parent.name
    settings = ["trainer.epochs=10", f"runtime.backend={backend}", f"model.weights_from={first}"]
    run = dltrain.fit(folder / f"{name}.yaml", overrides=settings, runs_dir=folder / backend, report=False)
    return {
        "path": str(run.path),
        "history": run.history,
        "test": run.scores["test"]["loss"],
        "splits": digest(run.path / "splits.safetensors"),
    }


def life_of_a_run(backend, folder):
    """Whether every later command gives the same bits again."""
    import dltrain

    settings = [f"runtime.backend={backend}"]
    whole = dltrain.fit(folder / "life.yaml", overrides=settings, runs_dir=folder / backend, report=False)
    begun = dltrain.fit(
        folder / "life.yaml", overrides=[*settings, "trainer.epochs=2"], runs_dir=folder / backend, report=False
    )
    went_on = dltrain.resume(begun, overrides=["trainer.epochs=3"], report=False)
    names = ("weights.safetensors", "history.csv")
    found = dltrain.predict(whole, [[[0.0] * 8] * 8])
    return {
        "resumed": [digest(whole.path / name) == digest(went_on.path / name) for name in names],
        "reproduced": dltrain.reproduce(whole).equal,
        "evaluated": dltrain.evaluate(whole) == whole.scores["test"],
        "predicted": sorted(found),
        "rates": whole.history["learning_rate"],
    }


def folds(backend, folder):
    import dltrain

    run = dltrain.fit(
        folder / "folds.yaml", overrides=[f"runtime.backend={backend}"], runs_dir=folder / backend, report=False
    )
    return [fold.scores["test"]["rows"] for fold in run.folds]


def inputs_of_saved_model(path):
    with zipfile.ZipFile(path / "model.keras") as file:
        layers = json.loads(file.read("config.json"))["config"]["layers"]
    return sorted(layer["config"]["name"] for layer in layers if layer["class_name"] == "InputLayer")


def main(backend, folder, *firsts):
    if backend != "tensorflow":
        hide_tensorflow()
    runs = {Path(first).parent.name: from_the_same_weights(backend, folder, Path(first)) for first in firsts}
    found = {"runs": runs}
    if backend != "tensorflow":
        found["life"] = life_of_a_run(backend, folder)
        found["folds"] = folds(backend, folder)
        found["inputs"] = {name: inputs_of_saved_model(Path(run["path"])) for name, run in runs.items()}
    found["tensorflow"] = "tensorflow" in sys.modules
    (folder / f"{backend}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
