"""What libyaml says of a text that is no YAML, in words that tell a beginner which line to mend."""

from __future__ import annotations

import yaml

from nnrun.errors import Problem, Where

_RESERVED = "@`%|>&*!"


def syntax_problem(text: str, file: str, error: yaml.MarkedYAMLError) -> Problem:
    """libyaml's finding; a bracket or quote that is never closed is shown where it was opened."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    begun = error.context_mark
    context, words = str(error.context or ""), str(error.problem or error.context)
    lines = text.split("\n")
    written = lines[line - 1] if line <= len(lines) else ""
    indentation = written[: len(written) - len(written.lstrip())]
    if "\t" in indentation:
        column = indentation.index("\t") + 1
        return Problem("not YAML: a tab in the indentation", Where(file, line, column), hint="indent with blanks")
    if begun and "quoted scalar" in context:
        place = Where(file, begun.line + 1, begun.column + 1)
        return Problem("not YAML: this quote is never closed", place, hint="end the text with the same quote")
    if begun and ("flow sequence" in context or "flow mapping" in context):
        hint = f"close the bracket of line {begun.line + 1}, column {begun.column + 1}, before this"
        return Problem(f"not YAML: {words}", Where(file, line, column), hint=hint)
    return Problem(f"not YAML: {words}", Where(file, line, column), hint=_hint(words, written, column))


def _hint(words: str, written: str, column: int) -> str:
    if "mapping values are not allowed" in words:
        return "one colon in a line: what belongs to a name goes into braces, `Dense: {units: 8}`"
    if "cannot start any token" in words and written[column - 1 : column] in _RESERVED:
        return f"put a text that begins with {written[column - 1]} into quotes"
    if "expected key" in words:
        return f"no mapping is open at column {column}: indent the line like the keys that it belongs beside"
    return "look at the brackets, quotes and indentation of this line and of the one above it"
