"""Reading and preparing all rows, timed after all imports.

python -m benchmarks.measured_reading dltrain CONFIG
python -m benchmarks.measured_reading by_hand FOLDER

By hand: a folder of JPEG files for each class, by the pipeline of tf.data's guides: files are read and decoded in
parallel, as many at a time as tf.data finds best, batched, and fetched ahead; what `cache` would keep, pixels from 0
to 1, is kept in one array.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.by_hand.clock import Stopwatch


def dltrain_reads(config: Path) -> dict[str, float]:
    from dltrain.load import load
    from dltrain.preparation import gather
    from dltrain.runtime.start import start as start_backend
    from dltrain.scratch import Scratch

    experiment, _ = load(config)
    start_backend(experiment.runtime, seed=0)
    stopwatch = Stopwatch()
    prepared = gather(experiment, Scratch(config.parent, experiment.runtime.row_memory)).prepared
    times = stopwatch.times()
    total = sum(float(split.inputs.sum(dtype="float64")) for split in prepared.values())
    return {"rows": sum(len(split.inputs) for split in prepared.values()), "sum": total} | times


def photos_by_hand(folder: Path) -> dict[str, float]:
    import numpy as np
    import tensorflow as tf

    def decode(path: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        # As dltrain decodes, so that pixels are equal; the default is faster and less exact.
        image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3, dct_method="INTEGER_ACCURATE")
        return tf.cast(image, tf.float32) / 255, label

    tf.zeros(1)
    stopwatch = Stopwatch()
    paths = sorted(folder.rglob("*.jpg"))
    names = sorted({path.parent.name for path in paths})
    labels = [names.index(path.parent.name) for path in paths]
    rows = tf.data.Dataset.from_tensor_slices(([str(path) for path in paths], labels))
    batches = rows.map(decode, num_parallel_calls=tf.data.AUTOTUNE).batch(256).prefetch(tf.data.AUTOTUNE)
    x = np.concatenate([images for images, _ in batches.as_numpy_iterator()])
    times = stopwatch.times()
    return {"rows": len(x), "sum": float(x.sum(dtype="float64"))} | times


def main() -> None:
    found = (dltrain_reads if sys.argv[1] == "dltrain" else photos_by_hand)(Path(sys.argv[2]))
    print(json.dumps({**found, "rows_per_second": found["rows"] / found["seconds"]}))


if __name__ == "__main__":
    main()
