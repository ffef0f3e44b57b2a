"""Muon."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from dltrain.optimizers.base import Epsilon, OptimizerSpec
from dltrain.schedules.base import Horizon, ScheduleSpec
from dltrain.schedules.constant import constant
from dltrain.signature import Weight
from dltrain.spec.fields import Decay, NonNegative, Positive, Real, Sequence

if TYPE_CHECKING:
    import keras

LayerPart = Annotated[str, Field(pattern=r"^[A-Za-z0-9_/]+$", max_length=128)]


class Muon(OptimizerSpec):
    """Moves matrices by their momentum made orthogonal, and everything else by AdamW.

    The momentum G of a matrix is replaced by about ``U V^T`` of its ``G = U S V^T``, with `ns_steps`
    Newton-Schulz iterations ``X <- a X + (b X X^T + c (X X^T)^2) X``. Jordan 2024,
    https://kellerjordan.github.io/posts/muon/; Liu et al. 2025, https://arxiv.org/abs/2502.16982.

    Only tensors of two axes are matrices: biases, convolutions and embeddings go by AdamW. The
    authors advise AdamW for the output layer as well: name it in `exclude_layers`.

    Attributes:
        learning_rate: of the matrices.
        weight_decay: of the matrices; 0 for none.
        adam_beta_1: of AdamW.
        adam_beta_2: of AdamW.
        adam_weight_decay: of AdamW; 0 for none.
        epsilon: of AdamW.
        exclude_layers: parts of the names of layers that go by AdamW.
        exclude_embeddings: embeddings go by AdamW.
        muon_a: a of the iteration.
        muon_b: b of the iteration.
        muon_c: c of the iteration.
        adam_lr_ratio: the learning rate of AdamW, as a multiple of `learning_rate`.
        momentum: how much of G is kept.
        ns_steps: iterations.
        nesterov: look ahead by one step of momentum.
        rms_rate: s in ``s sqrt(max(rows, columns))``, which multiplies the step so that learning
            rates of Adam fit.
    """

    type: Literal["muon"] = "muon"
    learning_rate: ScheduleSpec = Field(default_factory=constant(0.001))
    weight_decay: NonNegative = 0.004
    adam_beta_1: Decay = 0.9
    adam_beta_2: Decay = 0.999
    adam_weight_decay: NonNegative = 0.004
    epsilon: Epsilon = 1e-7
    exclude_layers: Annotated[tuple[LayerPart, ...], Sequence] = ()
    exclude_embeddings: bool = True
    muon_a: Real = 3.4445
    muon_b: Real = -4.775
    muon_c: Real = 2.0315
    adam_lr_ratio: Positive = 1.0
    momentum: Decay = 0.95
    ns_steps: Annotated[int, Field(ge=1, le=100)] = 5
    nesterov: bool = True
    rms_rate: Positive = 0.2

    def slots(self, weight: Weight) -> int:
        """G of a matrix; m and v of what goes by AdamW."""
        excluded = self.exclude_embeddings and "embedding" in weight.name.lower()
        excluded = excluded or any(part in weight.name for part in self.exclude_layers)
        return weight.size if len(weight.shape) == 2 and not excluded else 2 * weight.size

    def build(self, horizon: Horizon) -> "keras.optimizers.Optimizer":
        """``keras.optimizers.Muon``."""
        settings = self.settings(horizon)
        import keras

        return keras.optimizers.Muon(**settings)
