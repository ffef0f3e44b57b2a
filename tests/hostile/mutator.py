"""Changes to the files of a run directory, each a function of a seed."""

import json
import os
import random

import yaml

TEXTS = ("manifest.json", "signature.json", "preprocessing/statistics.json", "experiment.yaml", "metrics.json")
ARRAYS = ("weights.safetensors", "splits.safetensors")
VALUES = (
    -1, 0, 1, 2, 255, 10**6, 10**7, 10**9, 2**31, 2**63, 10**18, 10**40, 10**400, 1e-300, 1e308, -1e308, 0.5,
    float("nan"), float("inf"), None, True, "", "x", "\x1b]0;owned\x07", "\u202egnp.exe", "[red]a[/red]", "a\nb",
    "\ud800",
    "../../../secret", "/etc/passwd", "/dev/zero", "http://127.0.0.1/x.csv", "os.system", "lambda",
    "%s%n{0}", "A" * 5000,
    "=cmd|' /C calc'!A0", [], {}, [[]], {"type": "lambda"}, {"type": "flatten"}, [1] * 2000, ["a"] * 2000,
    "int64", "object", "string", "float16", "numeric", "text", "image", "ids", "categorical", "mlp", "lstm", "cnn",
)  # fmt: skip


def mutate(folder, seed):
    """Changes one to three files; returns what was done."""
    chance = random.Random(seed)
    return [_change(folder, chance) for _ in range(chance.choice((1, 1, 1, 1, 2, 3)))]


def _change(folder, chance):
    kinds = (_tree,) * 9 + (_header,) * 3 + (_bytes,) * 4 + (_place,)
    return chance.choice(kinds)(folder, chance)


def _is_small(path):
    """Whether it is still a file of its own, and none of a terabyte."""
    return path.is_file() and not path.is_symlink() and path.stat().st_size < 1 << 24


def _tree(folder, chance):
    name = chance.choice(TEXTS)
    path = folder / name
    if not _is_small(path):
        return f"{name}: gone"
    load = yaml.safe_load if name.endswith(".yaml") else json.loads
    try:
        tree = load(path.read_text())
    except (ValueError, yaml.YAMLError, RecursionError):
        return f"{name}: broken already"
    done = swap(tree, chance)
    text = yaml.safe_dump(tree, sort_keys=False) if name.endswith(".yaml") else json.dumps(tree)
    path.write_text(text)
    return f"{name}: {done}"


def _places(tree):
    found = []
    stack = [tree]
    while stack:
        node = stack.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        for key in keys:
            found.append((node, key))
            if isinstance(node[key], dict | list):
                stack.append(node[key])
    return found


def swap(tree, chance):
    """Changes one place of a tree of mappings and lists; returns what was done."""
    places = _places(tree) if isinstance(tree, dict | list) else []
    if not places:
        return "nothing to change"
    node, key = chance.choice(places)
    kind = chance.choice(("value", "value", "value", "value", "delete", "deep", "copy", "rename", "more"))
    if kind == "delete":
        del node[key]
    elif kind == "deep":
        node[key] = _deep(chance.choice((5, 40, 300)))
    elif kind == "copy":
        other, place = chance.choice(places)
        node[key] = json.loads(json.dumps(other[place]))
    elif kind == "rename" and isinstance(node, dict):
        node[str(chance.choice(VALUES))[:40]] = node.pop(key)
    elif kind == "more" and isinstance(node, list):
        node.extend([node[key]] * chance.choice((1, 10, 1000)))
    elif isinstance(node[key], int | float) and not isinstance(node[key], bool) and chance.random() < 0.3:
        node[key] = node[key] * chance.choice((-1, 2, 10, 1000, 10**6))
    else:
        node[key] = chance.choice(VALUES)
    return f"{kind} at {str(key)[:40]!r}"


def _deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


def _header(folder, chance):
    name = chance.choice(ARRAYS)
    path = folder / name
    if not _is_small(path):
        return f"{name}: gone"
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    if size > len(data):
        return f"{name}: broken already"
    try:
        tree = json.loads(data[8 : 8 + size])
    except ValueError:
        return f"{name}: broken already"
    done = swap(tree, chance)
    header = json.dumps(tree).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + data[8 + size :])
    return f"{name}: header, {done}"


def _bytes(folder, chance):
    name = chance.choice((*TEXTS, *ARRAYS, "config.yaml", "history.csv", "model.keras"))
    path = folder / name
    if not _is_small(path):
        return f"{name}: gone"
    data = bytearray(path.read_bytes())
    kind = chance.choice(("flip", "flip", "cut", "append", "repeat", "zero"))
    start = chance.randrange(len(data)) if data else 0
    stop = min(len(data), start + chance.choice((1, 8, 100)))
    if kind == "flip" and data:
        for _ in range(chance.choice((1, 1, 4, 32))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif kind == "cut":
        del data[start:]
    elif kind == "append":
        data += chance.randbytes(chance.choice((1, 100, 10_000)))
    elif kind == "repeat":
        data[start:stop] = data[start:stop] * 50
    else:
        data[start:stop] = bytes(stop - start)
    path.write_bytes(data)
    return f"{name}: {kind} at {start}"


def _place(folder, chance):
    """Something else in the place of a file."""
    name = chance.choice((*TEXTS, *ARRAYS))
    path = folder / name
    if not os.path.lexists(path):
        return f"{name}: gone"
    path.unlink()
    kind = chance.choice(("nothing", "link", "fifo", "sparse"))
    if kind == "link":
        path.symlink_to(chance.choice(("/dev/zero", "/etc/passwd", "manifest.json", "../secret")))
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "sparse":
        with path.open("wb") as file:
            file.truncate(1 << 40)
    return f"{name}: {kind}"
