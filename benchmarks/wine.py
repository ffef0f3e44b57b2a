"""The white-wine config against linear regression on the same rows, for three seeds and so three splits."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import mean

import numpy as np
from safetensors.numpy import load_file
from sklearn.linear_model import LinearRegression

import dltrain
from dltrain.spec.fields import locate

MARGIN = 0.04


def main() -> None:
    """Prints each RMSE on the test rows; exits 1 where the mean margin is below the bar."""
    table = np.genfromtxt(locate("winequality_white.csv"), delimiter=",", names=True)
    columns = [name for name in table.dtype.names if name != "quality"]
    inputs, quality = np.stack([table[name] for name in columns], axis=1), table["quality"]
    networks, lines = [], []
    with tempfile.TemporaryDirectory() as folder:
        for seed in (0, 1, 2):
            run = dltrain.fit("configs/wine-quality.yaml", overrides=[f"seed={seed}", "expect={}"], runs_dir=folder)
            rows = load_file(Path(run.path) / "splits.safetensors")
            known = np.concatenate([rows["train"], rows["validation"]])
            line = LinearRegression().fit(inputs[known], quality[known])
            errors = line.predict(inputs[rows["test"]]) - quality[rows["test"]]
            networks.append(run.scores["test"]["root_mean_squared_error"])
            lines.append(float(np.sqrt(np.mean(errors**2))))
            print(f"seed {seed}: RMSE {networks[-1]:.4f}, linear regression {lines[-1]:.4f}", flush=True)
    margin = mean(lines) - mean(networks)
    print(f"mean RMSE {mean(networks):.4f} against {mean(lines):.4f}: {margin:.4f} below (bar {MARGIN})")
    sys.exit(margin < MARGIN)


if __name__ == "__main__":
    main()
