"""What is meant where a YAML parser gives up."""

from __future__ import annotations

import yaml

from dltrain.spec.encoding import problem_at
from dltrain.spec.environment import MARK
from dltrain.spec.problems import SpecError


def syntax_problem(error: yaml.MarkedYAMLError, text: str, source: str) -> SpecError:
    """The parser's error in a config's words, at the place where the mistake begins."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    written = [*text.splitlines(), ""][line]
    indent = written[: len(written) - len(written.lstrip())]
    if "\t" in indent or written[column : column + 1] == "\t":
        message = "a tab is used for indentation; use spaces" if "\t" in indent else "a tab stands here; use spaces"
    elif (opened := error.context_mark) and "quoted" in str(error.context):
        message = "the quote that opens here is not closed, or its text has a backslash; close it, or use '...'"
        line, column = opened.line, opened.column
    elif written[max(column - 1, 0) : column + 1] == MARK:
        message = "`${` cannot stand inside brackets; give the setting a line of its own, or quote it if it is text"
    elif opened and "flow" in str(error.context):
        message = f"the bracket opened at {opened.line + 1}:{opened.column + 1} is not closed, or lacks a comma; add it"
    elif "mapping values" in str(error.problem):
        message = "a key cannot stand here; indent keys of one mapping alike, with a space after each colon"
    else:
        message = f"not valid YAML: {error.problem or error.context}; check indentation, colons and quotes"
    return problem_at(message, source, line + 1, column + 1)
