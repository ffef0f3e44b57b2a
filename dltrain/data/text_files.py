"""Files of one text each, as rows."""

from collections.abc import Iterator, Sequence

from dltrain.data.file_tree import MOST_BYTES, Contents, StoredFile
from dltrain.data.source import CHUNK_ROWS, Rows, Source
from dltrain.errors import DataError

TEXTS = Contents("text", (".txt",))

_CHUNK_CHARACTERS = 32 << 20
_MOST_NAMED = 10


class TextSource(Source):
    """Text files, each a row.

    Args of the constructor: the files; the encoding of their texts; what the feature is called; the
    label of each, or None, where rows have the paths of their files instead.

    Attributes:
        digest: SHA-256 over the names and the contents.
    """

    def __init__(
        self, files: Sequence[StoredFile], encoding: str, feature: str, *, labels: Sequence[str] | None, origin: str
    ) -> None:
        """Reads all files once.

        Raises:
            DataError: files cannot be used; the message names them.
        """
        self._files, self._encoding, self._feature, self._labels = files, encoding, feature, labels
        self._origin = origin
        self.digest = self._survey()

    def _survey(self) -> str:
        import hashlib

        digest, bad = hashlib.sha256(), []
        for file in self._files:
            try:
                text = read_text(file, self._encoding)
            except ValueError as error:
                bad.append(f"  {file.name}: {error}")
                continue
            digest.update(f"{len(file.name)} {file.name} {len(text)} {text}".encode("utf-8", "surrogatepass"))
        if bad:
            more = [f"  and {len(bad) - _MOST_NAMED:,} more"] * (len(bad) > _MOST_NAMED)
            count = f"{len(bad):,} of {len(self._files):,} files cannot be used as texts"
            raise DataError("\n".join([f"{self._origin}: {count}; mend or delete them:", *bad[:_MOST_NAMED], *more]))
        return digest.hexdigest()

    def chunks(self) -> Iterator[Rows]:
        """Texts as they stand in their files, and their labels or paths."""
        texts: list[str] = []
        size = start = 0
        for file in self._files:
            try:
                texts.append(read_text(file, self._encoding))
            except ValueError as error:
                raise DataError(
                    f"{self._origin}: {file.name}: {error}; it has changed since it was first read"
                ) from None
            size += len(texts[-1])
            if size > _CHUNK_CHARACTERS or len(texts) == CHUNK_ROWS:
                yield self._rows(texts, start)
                start += len(texts)
                texts, size = [], 0
        if texts:
            yield self._rows(texts, start)

    def _rows(self, texts: list[str], start: int) -> Rows:
        import numpy as np

        features = {self._feature: np.array(texts, object)}
        part = slice(start, start + len(texts))
        if self._labels is not None:
            return Rows(features, np.array(self._labels[part]), before=start)
        paths = np.array([file.name for file in self._files[part]], object)
        return Rows(features, None, {"path": paths}, before=start)


def read_text(file: StoredFile, encoding: str) -> str:
    """The text of a file, without a byte order mark.

    Raises:
        ValueError: there is none; the message says why.
    """
    if not file.name.lower().endswith(TEXTS.suffixes):
        raise ValueError("is no text by its name; move it elsewhere, or let its name end with .txt")
    try:
        data = file.read()
    except OSError as error:
        raise ValueError(f"cannot be read: {(error.strerror or str(error)).lower()}") from None
    if len(data) > MOST_BYTES:
        raise ValueError(f"has more than {MOST_BYTES >> 20} megabytes")
    try:
        text = data.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except UnicodeError as error:
        place = f"byte {error.start + 1}" if isinstance(error, UnicodeDecodeError) else "a byte"
        raise ValueError(f"{place} is not {encoding}; save it as that, or write `dataset.encoding`") from None
    if "\0" in text:
        raise ValueError("holds the character NUL; save it as plain text")
    if not text.strip():
        raise ValueError("is empty")
    return text
