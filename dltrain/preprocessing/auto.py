"""A feature whose kind the data tells, with settings of its own."""

from typing import ClassVar, Literal

from dltrain.preprocessing.base import FeatureSpec, Missing
from dltrain.signature import FeatureKind


class Auto(FeatureSpec):
    """Prepared by what the data holds, as a feature that the config does not name.

    Attributes:
        missing: what is done about a missing value; by default as `dataset.missing` says.
        indicator: whether a column is added that is 1 where the value was missing, else 0.
    """

    type: Literal["auto"] = "auto"
    kind: ClassVar[FeatureKind | None] = None
    missing: Missing | None = None
    indicator: bool = False

    def of_kind(self, kind: FeatureKind) -> FeatureSpec:
        """The member for this kind with these settings."""
        found = FeatureSpec.choose(kind)
        given = {name: value for name in ("missing", "indicator") if (value := getattr(self, name))}
        if absent := [name for name in given if name not in type(found).model_fields]:
            raise ValueError(f"it holds what is prepared as `{kind}`, which has no `{absent[0]}`; delete that")
        if self.missing not in (None, "error"):
            # A text has a choice of its own for a policy.
            given["missing"] = getattr(found.with_policy(self.missing), "missing", None)
        return found.model_copy(update=given)
