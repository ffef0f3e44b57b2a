"""JUnit files: a suite for the command, and a case for each config.

The format is the one that readers agree on (github.com/testmoapp/junitxml): Jenkins, GitLab and GitHub's actions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from dltrain.cli.outcomes import Outcome
from dltrain.errors import storing

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The rest is in XML 1.0, section 2.2."""


def write_junit(path: Path, command: str, outcomes: Sequence[Outcome]) -> None:
    """Writes a file, in the place of one that is there.

    Raises:
        RunError: it cannot be written.
    """
    with storing(f"write {path}", "name another file with --junit"):
        path.write_bytes(junit(command, outcomes))


def junit(command: str, outcomes: Sequence[Outcome]) -> bytes:
    """The bytes of the file."""
    from xml.etree import ElementTree

    counts = {
        "tests": str(len(outcomes)),
        "failures": str(sum(outcome.status == "failed" for outcome in outcomes)),
        "errors": "0",
        "skipped": str(sum(outcome.status == "skipped" for outcome in outcomes)),
        "time": f"{sum(outcome.seconds for outcome in outcomes):.3f}",
    }
    root = ElementTree.Element("testsuites", {"name": "dltrain", **counts})
    suite = ElementTree.SubElement(root, "testsuite", {"name": f"dltrain {command}", **counts})
    for outcome in outcomes:
        named = {"classname": f"dltrain.{command}", "name": _text(outcome.config), "file": _text(outcome.config)}
        case = ElementTree.SubElement(suite, "testcase", {**named, "time": f"{outcome.seconds:.3f}"})
        first = _text(outcome.text).partition("\n")[0]
        if outcome.status == "failed":
            failure = ElementTree.SubElement(case, "failure", {"message": first, "type": outcome.kind})
            failure.text = _text(outcome.text)
        elif outcome.status == "skipped":
            ElementTree.SubElement(case, "skipped", {"message": first})
    ElementTree.indent(root)
    found: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return found + b"\n"


def _text(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
