"""Changes to configs, each a function of a seed."""

import random

import yaml

from dltrain.spec.builder import Builder
from dltrain.spec.encoding import MAX_BYTES
from hostile.mutator import swap

WORDS = (
    "1e999", "-1e999", ".nan", "-.inf", "1e-320", "0x1F", "0o17", "010", "1_000", "12:30", "no", "~", "null",
    "true", "9" * 39, "9" * 400, "[]", "{}", "[[]]", "[1, x, null]", "{a: 1}", "- a", "&a", "*a", "<<: {a: 1}",
    "!!int 5", "!!python/name:os", "'", '"', "|", ">", "? a", "%", "@x", "`x`", "#", "a: b", "---", "...", "é",
    "\u200b", "\u00a0", "\u202e", "\uff41", "\x00", "\x1b[2J", "\t", "\r", "${env:X}", "${env:HOME}",
    "${env:X:-3}", "a${env:X:-}b", "${", "${}", "$${", "${env:ODD}", "${env:WORD}", "/", "/dev/zero",
    "/etc/passwd", "/proc/self/mem", "~", "~nobody-here/x.csv", "../..", "http://a/b.csv", "*", "*.csv",
    "a" * 5000, "adam", "mlp", "type", "name", "auto", "digits", "dense", "val_loss", "data.csv", "data.npz",
    ">= 0.5", "0.1", "-1", "0", "1", "3", "2147483648",
)  # fmt: skip
EXTENDED = ("one.yaml", "two.yaml", "self.yaml", "gone.yaml", ".", "/dev/zero", "[a]", "", "${env:BASE:-two.yaml}", "~")


class Mutator:
    """Makes wrong configs of right ones."""

    def __init__(self, texts):
        self.texts = texts

    def __call__(self, seed):
        """The bytes of a config, and settings for the command line."""
        chance = random.Random(seed)
        text = chance.choice(self.texts)
        for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
            text = chance.choice((self._tree, self._tree, self._characters, self._lines, self._value))(text, chance)
        if chance.random() < 0.15:
            text = f"extends: {chance.choice(EXTENDED)}\n{text if chance.random() < 0.7 else ''}"
        settings = [self._setting(text, chance) for _ in range(chance.choice((0, 0, 0, 1, 2)))]
        data = text.encode("utf-8", "surrogatepass")
        return self._bytes(data, chance) if chance.random() < 0.1 else data, settings

    def _tree(self, text, chance):
        try:
            tree = yaml.safe_load(text)
        except (ValueError, yaml.YAMLError, RecursionError):
            return text
        if not isinstance(tree, dict | list):
            return text
        if isinstance(tree, dict) and chance.random() < 0.3:
            other = yaml.safe_load(chance.choice(self.texts))
            tree[chance.choice(list(other))] = chance.choice(list(other.values()))
        else:
            swap(tree, chance)
        return yaml.safe_dump(tree, sort_keys=False, allow_unicode=chance.random() < 0.5)

    def _characters(self, text, chance):
        written = list(text)
        for _ in range(chance.choice((1, 2, 6))):
            place = chance.randrange(len(written) + 1)
            word = chance.choice((*" \n\t:-[]{},'\"#&*!|>%@`?~\\.0", "", "", chance.choice(WORDS)))
            written[place : place + chance.choice((0, 1, 9))] = word
        return "".join(written)

    def _lines(self, text, chance):
        lines = text.splitlines(keepends=True) or [""]
        place, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        kind = chance.choice(("delete", "double", "swap", "indent", "dedent", "cut", "return", "more"))
        if kind == "delete":
            del lines[place]
        elif kind in ("double", "more"):
            lines[place:place] = lines[place : place + 3] * (1 if kind == "double" else 300)
        elif kind == "swap":
            lines[place], lines[other] = lines[other], lines[place]
        elif kind == "cut":
            del lines[place:]
        elif kind == "return":
            lines = [line.replace("\n", chance.choice(("\r\n", "\r", ""))) for line in lines]
        else:
            lines[place] = f"  {lines[place]}" if kind == "indent" else lines[place].removeprefix("  ")
        return "".join(lines)

    def _value(self, text, chance):
        """Another word, or another config's value, in the place of one."""
        lines = text.splitlines(keepends=True)
        there = [number for number, line in enumerate(lines) if ": " in line]
        if not there:
            return text
        number = chance.choice(there)
        key, _, _ = lines[number].partition(": ")
        others = [line.partition(": ")[2].strip() for line in chance.choice(self.texts).splitlines() if ": " in line]
        lines[number] = f"{key}: {chance.choice((*WORDS, *others, *others))}\n"
        return "".join(lines)

    def _setting(self, text, chance):
        try:
            builder = Builder("", None, {})
            builder.build(text if chance.random() < 0.8 else chance.choice(self.texts))
            path = chance.choice([path for path in builder.values_at if path])
        except Exception:
            path = ("trainer", "epochs")
        path = path[: chance.choice((1, 2, 9))] + chance.choice(((), (), ("x",), ("type",), (0,)))
        return ".".join(map(str, path)) + chance.choice(("=", "=", "=", "")) + chance.choice(WORDS)

    def _bytes(self, data, chance):
        changed = bytearray(data)
        for _ in range(chance.choice((1, 4, 32))):
            if changed:
                changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        return bytes(changed) + chance.choice((b"", b"", b"\xff", b"\x00", b"#" * MAX_BYTES))
