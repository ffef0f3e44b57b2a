"""A penalty on rows or columns that point in similar directions."""

from typing import Literal

from dltrain.regularizers.base import RegularizerSpec
from dltrain.spec.fields import NonNegative


class OrthogonalRegularizer(RegularizerSpec):
    """`factor` times the mean absolute cosine between two rows, or columns, of a matrix.

    Only for weights of two axes.

    Attributes:
        factor: of the penalty.
        mode: what shall be orthogonal.
    """

    type: Literal["orthogonal_regularizer"] = "orthogonal_regularizer"
    ranks = range(2, 3)
    factor: NonNegative = 0.01
    mode: Literal["rows", "columns"] = "rows"
