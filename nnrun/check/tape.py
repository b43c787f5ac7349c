"""What does not go together with `recipe: gradient_tape`, the training step that is written out."""

from __future__ import annotations

from nnrun.config.config import Config
from nnrun.errors import Problem

RECIPE = "gradient_tape"


def problems(config: Config) -> list[Problem]:
    """Another backend, and XLA; several devices are an obstacle of their own."""
    if config.recipe is None or config.recipe.name != RECIPE:
        return []
    document, found = config.document, []
    if config.runtime.backend != "tensorflow":
        what = f"gradient_tape is TensorFlow's, and the backend is {config.runtime.backend}"
        hint = "leave the backend out, or the recipe: it learns the same without"
        found.append(Problem(what, document.value(("runtime", "backend")), "backend: tensorflow", hint))
    if config.compile.others.get("jit_compile") is True:
        what = "jit_compile with gradient_tape: XLA would fuse the steps that the loop spells out"
        found.append(Problem(what, document.key(("compile", "jit_compile")), hint="leave one of the two out"))
    return found
