"""The import of a backend in a thread, and what it leaves for later."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.keras

CODE = """
import os, sys
from dltrain.runtime.settings import RuntimeSpec
from dltrain.runtime.start import Starting
starting = Starting(RuntimeSpec(device="cpu"), seed=1, beside=("pyarrow.compute",))
print("reading", file=sys.stderr, flush=True)
started = starting()
assert starting() is started
print(started.backend, *(name for name in ("jax", "matplotlib.pyplot") if name in sys.modules))
from keras.src.visualization import plot_bounding_box_gallery, plot_image_gallery
print(plot_bounding_box_gallery.patches.Circle.__name__, plot_image_gallery.plt.figure.__module__)
import matplotlib.pyplot
print(matplotlib.pyplot.figure is plot_image_gallery.plt.figure)
os.write(2, b"heard again")
"""


def test_a_backend_is_imported_beside_other_work_and_without_what_only_pictures_need(tmp_path):
    done = subprocess.run([sys.executable, "-c", CODE], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.stdout == "tensorflow\nCircle matplotlib.pyplot\nTrue\n"
    assert done.stderr == "reading\nheard again"
