"""Texts in a natural language."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from dltrain.errors import DataError
from dltrain.preprocessing.base import FeatureSpec, Missing, Statistics
from dltrain.preprocessing.recorded import require_count, require_keys, require_numbers, require_texts
from dltrain.preprocessing.tokens import TokenCounts
from dltrain.signature import STRING, Feature, FeatureKind

if TYPE_CHECKING:
    import keras
    import numpy as np

PADDING, UNKNOWN = 0, 1
"""The ids of the steps after the end of a text, and of a token that the vocabulary does not have."""

_LONGEST = 256


class Text(FeatureSpec):
    """Texts, cut into words or characters, of which the most frequent in the training rows are known.

    Attributes:
        output: ``sequence``: the ids of the tokens in their order, for an embedding; ``tf_idf``,
            ``count`` and ``multi_hot``: a number for each token of the vocabulary, which is how often
            it occurs in the text, times log(1 + texts / (1 + texts that have it)) with ``tf_idf``, or
            whether it does; ``auto``: what the model reads, a sequence or ``tf_idf``.
        tokens: ``words``: what stands between blanks; ``characters``.
        ngrams: with 2 or 3, pairs or also triples of neighbours are tokens too; not for a sequence.
        vocabulary_size: how many tokens are known, the most frequent first; of a sequence, how many ids
            there are, of which 0 is padding and 1 any other token, which vectors leave out.
        standardize: what is done to a text before it is cut. Only the letters A to Z are lowered, and
            only ASCII punctuation is stripped; a mark like ``<br />`` leaves its letters behind.
        sequence_length: of a sequence, in tokens; by default that of the longest training text, at most
            256. Shorter texts are padded at the end.
        truncate: which end of a longer text is cut off; by default ``end``.
        missing: ``constant`` takes an empty text as one without words; ``error`` refuses it; by default
            as `dataset.missing` says.
    """

    type: Literal["text"] = "text"
    kind: ClassVar[FeatureKind] = "text"
    adapts_by_keras: ClassVar[bool] = True
    output: Literal["auto", "sequence", "multi_hot", "count", "tf_idf"] = "auto"
    tokens: Literal["words", "characters"] = "words"
    ngrams: Annotated[int, Field(ge=1, le=3)] = 1
    vocabulary_size: Annotated[int, Field(ge=3, le=1_000_000)] = 10_000
    standardize: Literal["lower_and_strip_punctuation", "lower", "strip_punctuation", "none"] = (
        "lower_and_strip_punctuation"
    )
    sequence_length: Annotated[int, Field(ge=1, le=100_000)] | None = None
    truncate: Literal["end", "beginning"] | None = None
    missing: Literal["error", "constant"] | None = None

    @model_validator(mode="after")
    def _settings_agree(self) -> Self:
        other = "tf_idf" if self.gives_sequences else "sequence"
        for setting, text in self._contradictions():
            message = f"{text}; delete `{setting}`, or write output: {other}"
            error = PydanticCustomError("setting", "{text}", {"text": message})
            details = InitErrorDetails(type=error, loc=(setting,), input=getattr(self, setting))
            raise ValidationError.from_exception_data("text", [details])
        return self

    def _contradictions(self) -> Iterator[tuple[str, str]]:
        """Settings that have no meaning beside the output."""
        if self.gives_sequences and self.ngrams > 1:
            yield "ngrams", f"groups of {self.ngrams} words would come after all single words of a sequence"
        if self.output in ("multi_hot", "count", "tf_idf"):
            for setting in ("sequence_length", "truncate"):
                if getattr(self, setting) is not None:
                    yield setting, f"`{setting}` is for sequences, and {self.output} is of all words of a text"

    @property
    def needs_tensorflow(self) -> str:
        """Always."""
        text = "is a text, which Keras's TextVectorization cuts into words, and that needs TensorFlow"
        return f"{text}; write tensorflow, or give ids of words in the place of texts"

    def check(self, feature: Feature) -> None:
        """Refuses features that are no strings, and settings that the output derived from the model rules out."""
        if feature.dtype != STRING:
            raise ValueError(f"'{feature.name}' holds {feature.dtype}, and a text is strings; use `numeric` or `ids`")
        reads = (
            "sequences; delete `{}`, or use type: mlp" if self.gives_sequences else "vectors; delete `{}`, or use lstm"
        )
        for setting, text in self._contradictions():
            raise ValueError(f"{text}, and the model reads {reads.format(setting)}")

    def with_policy(self, missing: Missing) -> "Text":
        """The same, where it has none of its own: nothing but an empty text can stand for a missing one."""
        return self if self.missing or missing == "error" else self.model_copy(update={"missing": "constant"})

    def for_model(self, *, reads_sequences: bool) -> "Text":
        """With the output that the model reads."""
        if self.output != "auto":
            return self
        return self.model_copy(update={"output": "sequence" if reads_sequences else "tf_idf"})

    @property
    def gives_sequences(self) -> bool:
        """Whether prepared rows are ids."""
        return self.output == "sequence"

    @property
    def width_setting(self) -> str:
        """Of vectors that of the vocabulary."""
        return "" if self.gives_sequences else "vocabulary_size"

    def refuses(self, rows: "np.ndarray") -> "np.ndarray | None":
        """Empty texts, where they are not taken for texts without words."""
        found: np.ndarray = rows == ""
        return None if self.missing == "constant" else found

    def adapt(self, feature: Feature, chunks: "Iterable[np.ndarray]") -> Statistics:
        """What the training texts hold.

        The weight of a token that d of n texts have is log(1 + n / (1 + d)), as Keras's own `adapt` computes it.

        Returns:
            ``vocabulary``, the tokens by falling frequency; of a sequence its ``length``; with
            ``tf_idf`` also ``idf``, the weight of each token.

        Raises:
            DataError: no text has any token.
        """
        import numpy as np

        layer, counts = self._layer(), TokenCounts()
        for chunk in chunks:
            counts.add(layer, chunk)
        vocabulary, documents = counts.most_frequent(self.vocabulary_size - 2 * self.gives_sequences)
        if not vocabulary:
            text = f"no training row has a word in '{feature.name}'"
            raise DataError(f"{text}; write tokens: characters, or leave the feature out")
        found: Statistics = {"vocabulary": vocabulary}
        if self.gives_sequences:
            found["length"] = self.sequence_length or min(counts.longest, _LONGEST)
        if self.output == "tf_idf":
            weights = np.log1p(counts.rows / (1 + documents)).astype("float32")
            found["idf"] = weights.astype("float64").tolist()
        return found

    def _layer(self, **settings: Any) -> "keras.layers.TextVectorization":
        import keras

        return keras.layers.TextVectorization(
            standardize=None if self.standardize == "none" else self.standardize,
            split="whitespace" if self.tokens == "words" else "character",
            ngrams=self.ngrams if self.ngrams > 1 else None,
            **settings,
        )

    def check_statistics(self, feature: Feature, statistics: Statistics) -> None:
        """Different tokens, no more than `vocabulary_size` says, and a weight for each with ``tf_idf``."""
        weighted = self.output == "tf_idf"
        require_keys(statistics, ["vocabulary", *["length"] * self.gives_sequences, *["idf"] * weighted])
        most = self.vocabulary_size - 2 * self.gives_sequences
        require_texts(statistics, "vocabulary", most, never=["", "[UNK]"])
        if not statistics["vocabulary"]:
            raise ValueError("'vocabulary' holds no token")
        if self.gives_sequences:
            require_count(statistics, "length", self.sequence_length or _LONGEST)
        if weighted:
            require_numbers(statistics, "idf", len(statistics["vocabulary"]))

    def encode(self, tensor: Any, feature: Feature, statistics: Statistics) -> Any:
        """``TextVectorization`` with the vocabulary."""
        import keras

        vocabulary = statistics["vocabulary"]
        if self.output != "sequence":
            settings = {"output_mode": self.output, "idf_weights": statistics.get("idf")}
            # The first column counts unknown tokens: weights for it would stay as they were drawn where the
            # vocabulary holds all words of the training rows, and it would outweigh all others elsewhere.
            return keras.ops.cast(self._layer(vocabulary=vocabulary, **settings)(tensor)[:, 1:], "float32")
        length = statistics["length"]
        if self.truncate == "beginning":
            ids = _last(self._layer(vocabulary=vocabulary)(tensor), length)
        else:
            ids = self._layer(vocabulary=vocabulary, output_sequence_length=length)(tensor)
        ids = keras.ops.cast(ids, "int32")
        # A text without any token becomes one unknown token: no layer can pool or read nothing but padding.
        first = keras.ops.maximum(ids[:, :1], UNKNOWN)
        return keras.ops.concatenate([first, ids[:, 1:]], axis=1)

    def prepared(self, feature: Feature, statistics: Statistics | None) -> Feature:
        """Ids (steps,), or a vector with an element for each token of the vocabulary."""
        size = None if statistics is None else len(statistics["vocabulary"])
        if self.output != "sequence":
            return Feature(name=feature.name, kind="numeric", dtype="float32", shape=(size,))
        shape = (self.sequence_length if statistics is None else statistics["length"],)
        ids = None if size is None else size + 2
        return Feature(name=feature.name, kind="ids", dtype="int32", shape=shape, vocabulary_size=ids)


def _last(ids: Any, length: int) -> Any:
    """The last `length` ids of each row (batch, any), padded at the end."""
    import keras
    import numpy as np

    tokens = keras.ops.sum(keras.ops.cast(keras.ops.not_equal(ids, PADDING), "int32"), axis=1, keepdims=True)
    places = keras.ops.maximum(tokens - length, 0) + np.arange(length, dtype="int32")
    last = keras.ops.take_along_axis(keras.ops.pad(ids, [[0, 0], [0, length]]), places, axis=1)
    return keras.layers.Reshape((length,))(last)
