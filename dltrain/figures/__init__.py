"""Pictures of a run, drawn from the files of its directory alone."""

from dltrain.figures.drawing import draw as draw
from dltrain.figures.drawing import save as save
from dltrain.figures.figure import Figure as Figure
