"""A text as tokens, in the way of Keras' `TextVectorization`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Standardize = Literal[
    "lower_and_strip_punctuation", "lower", "strip_punctuation", "lower_and_space_punctuation", "none"
]
Split = Literal["whitespace", "character", "none"]

# The characters that Keras takes away (keras/src/layers/preprocessing/text_vectorization.py).
_PUNCTUATION = re.compile(r"[!\"#$%&()\*\+,\-\./:;<=>?@\[\\\]^_`{|}~\']")


def tokens(
    text: str,
    standardize: str = "lower_and_strip_punctuation",
    split: str = "whitespace",
    ngrams: int = 1,
    replace: Mapping[str, str] | None = None,
) -> list[str]:
    """The tokens of a text, in order; with `ngrams` 2 the pairs of neighbours behind the single ones, and so on."""
    for old, new in (replace or {}).items():
        text = text.replace(old, new)
    if standardize.startswith("lower"):
        text = text.lower()
    if standardize.endswith("strip_punctuation"):
        text = _PUNCTUATION.sub("", text)
    elif standardize == "lower_and_space_punctuation":
        text = _PUNCTUATION.sub(r" \g<0>", text)
    single = list(text) if split == "character" else [text] if split == "none" else text.split()
    found = list(single)
    for size in range(2, ngrams + 1):
        found += [" ".join(single[at : at + size]) for at in range(len(single) - size + 1)]
    return found
