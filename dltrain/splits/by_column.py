"""What splits that go by a column have in common."""

from dltrain.splits.base import SplitsSpec
from dltrain.splits.share import ColumnName


class ColumnSplitsSpec(SplitsSpec):
    """Splits that go by a column.

    Attributes:
        column: its name; None where the split can do without.
    """

    column: ColumnName | None = None

    @classmethod
    def first_argument(cls) -> str:
        """The column."""
        return "column"

    @property
    def columns(self) -> tuple[str, ...]:
        """The column, where there is one."""
        return () if self.column is None else (self.column,)
