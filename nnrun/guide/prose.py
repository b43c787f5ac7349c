"""Docstrings as a person reads them on a terminal: Keras' markup taken away, the first sentences kept."""

from __future__ import annotations

import re

_LINK = re.compile(r"\[([^\]]*)\]\(\s*[^)]*\)")
_SECTION = re.compile(
    r"(call )?(args?|arguments|returns?|raises|examples?|references?|usage|formula|input shape|output shape|notes?|"
    r"attributes|limitations|for example|\w+ (for|in the) [^.]*)\b[^.]{0,40}:\s*$",
    re.IGNORECASE,
)
_NOT_PROSE = re.compile(r"(```|>>>|[-*] |\d+[.)] |\||\*\*Note|Notes?\b|Warning|DEPRECATED|See:|Ref)")
_STOP = re.compile(r"(?<!e\.g)(?<!i\.e)(?<!ie)(?<!a\.k\.a)\.\s+(?=[A-Z0-9`\"(])")

# What the kind and the default of a parameter say already.
_TYPE = r"(?:python )?(?:int(?:eger)?s?|float(?:ing point)?s?(?: values?)?|bool(?:ean)?(?: value)?|str(?:ing)?s?)"
_KIND = re.compile(
    rf"^(?:\(?optional\)?[.,:;]?\s+|(?:a |an )?(?:(?:strictly )?positive )?{_TYPE}"
    rf"(?: or (?:(?:tuple|list)(?:/(?:list|tuple))? of \w+ {_TYPE}|`?none`?|a constant float tensor))?"
    r"(?:\s*\(default:? [^)]*\))?[,.:]\s+)+(?:specifying (?=the)|representing (?=the))?",
    re.IGNORECASE,
)
_DEFAULT = re.compile(r"[,.]?\s*\(?\bdefaults? (?:to|is) (?:`[^`]*`|\S+?)\)?(?=[.,;]?(?:\s|$))", re.IGNORECASE)
_TELLING = 28  # letters; a shorter sentence, as `Float between 0 and 1`, says too little alone
_CALLABLE = re.compile(
    r"^.*?\bcallable that takes no arguments and returns the actual value to use\.?\s*", re.IGNORECASE
)


def paragraphs(doc: str, most: int = 2) -> list[str]:
    """The first paragraphs of prose, each in one line; what follows an example, a list or `Args:` is left out."""
    found: list[str] = []
    for block in re.split(r"\n\s*\n", doc.strip()):
        lines = block.strip().splitlines()
        if not lines or _ends(lines[0]):
            break
        prose = []
        for line in lines:
            if _ends(line.strip()):
                break
            prose.append(line)
        text = _whole_sentences(cleaned(" ".join(prose)))
        if text:
            found.append(text)
        if len(found) == most or len(prose) < len(lines):
            break
    return found


def cleaned(text: str) -> str:
    """Text in one line, without links, bold letters and the signs of formulas."""
    text = _LINK.sub(r"\1", text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"\1", text).replace("$$", "").replace("``", "`")
    return re.sub(r"\.\.+(\s|$)", r".\1", " ".join(text.split()))


def sentence(text: str) -> str:
    """What a parameter is for, in one sentence; its kind and its default are told beside it."""
    text = cleaned(text)
    short = _KIND.sub("", _DEFAULT.sub("", _CALLABLE.sub("", text)).lstrip(" .,;")).lstrip(" .,;")
    if not short or short.lower().startswith(("or ", "(default")):  # the kinds were the sentence
        short = text
    if not short:
        return ""
    first, *others = (part.strip() for part in _STOP.split(short) if len(part) > 3)
    if others and len(first) < _TELLING and not others[0].startswith(("-", "If `None`", "One of", "Note")):
        first = f"{first.rstrip('.')}. {others[0]}"
    first = first.rstrip(".,; ")
    return first[:1].upper() + first[1:]


def _ends(line: str) -> bool:
    return bool(_NOT_PROSE.match(line) or _SECTION.fullmatch(line.strip()))


def _whole_sentences(text: str) -> str:
    """The text up to its last full stop where it leads to a list: `as follows:`."""
    if not text.endswith(":"):
        return text
    cut = text.rfind(". ")
    return text[: cut + 1] if cut > 0 else ""
