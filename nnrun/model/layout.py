"""How the variables of a model are parted among devices: `runtime.layout`, and whether it fits the model."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nnrun.config.config import Config
from nnrun.errors import ConfigError, Problem, Where, listing
from nnrun.model import framework

Axes = Sequence[str | None]
Shapes = Mapping[str, Sequence[int]]


def require(config: Config, model: Any, mesh: Mapping[str, int], layout: Mapping[str, Axes]) -> None:
    """Raises ConfigError where the layout does not fit the weights of a built model, every mistake at its pattern."""
    shapes = {weight.path: tuple(weight.shape) for weight in model.weights}
    found = problems(shapes, mesh, layout, lambda pattern: config.document.key(("runtime", "layout", pattern)))
    if found:
        raise ConfigError(found)


def problems(
    shapes: Shapes, mesh: Mapping[str, int], layout: Mapping[str, Axes], where: Callable[[str], Where | None]
) -> list[Problem]:
    """What is wrong with a layout for variables of these shapes by path; `where` tells the place of a pattern."""
    found = []
    for pattern, axes in layout.items():
        matched = [path for path in shapes if pattern in _patterns(path, layout)]
        shared = [path for path in matched if _patterns(path, layout)[0] != pattern]
        told = _of_pattern(matched, axes, shapes, mesh) if matched else [_unmatched(pattern, shapes)]
        if shared:
            what = f"{pattern!r} matches {_some(shared)}, and so does {_patterns(shared[0], layout)[0]!r}"
            told.append(Problem(what, None, "one pattern for a variable"))
        found += [replace(problem, where=where(pattern)) for problem in told]
    return found


def axes_of(path: str, shape: Sequence[int], mesh: Mapping[str, int], layout: Mapping[str, Axes]) -> Axes:
    """The axis of the mesh along which each dimension of a variable is parted; None along which it is not.

    A layout that does not fit parts nothing; `require` tells it, once the model is built.
    """
    patterns = _patterns(path, layout)
    if len(patterns) == 1 and not _of_pattern([path], layout[patterns[0]], {path: shape}, mesh):
        return tuple(layout[patterns[0]])
    return (None,) * len(shape)


def batch_axis(mesh: Mapping[str, int]) -> str:
    """The axis of a mesh that parts the rows of a batch: `batch` where one is called so, else the first."""
    return "batch" if "batch" in mesh else next(iter(mesh))


def distribution(devices: Sequence[str], mesh: Mapping[str, int], layout: Mapping[str, Axes]) -> Any:
    """Keras' ModelParallel over devices of JAX (`cpu:0`); `batch_axis` of the mesh parts the rows.

    Keras' own stops the making of a layer at the first misfit, with neither its place nor its remedy.
    """
    keras = framework.keras().distribution
    placed = keras.DeviceMesh(tuple(mesh.values()), tuple(mesh), list(devices))

    class Parted(keras.ModelParallel):  # type: ignore[misc, name-defined]  # Keras has no types
        def get_variable_layout(self, variable: Any) -> Any:
            given = getattr(variable, "_layout", None)  # an optimizer's moments lie as their variable does
            if given is not None:
                return given
            return keras.TensorLayout(axes_of(variable.path, variable.shape, mesh, layout), placed)

        def get_tensor_layout(self, path: str) -> None:
            """Nothing: a layout speaks of variables, and the compiler places what is between."""

    return Parted(layout_map=keras.LayoutMap(placed), batch_dim_name=batch_axis(mesh), auto_shard_dataset=False)


def _patterns(path: str, layout: Mapping[str, Axes]) -> list[str]:
    """The patterns that match a path; where one is the path itself, only that."""
    return [path] if path in layout else [pattern for pattern in layout if re.fullmatch(pattern, path)]


def _unmatched(pattern: str, shapes: Shapes) -> Problem:
    what = f"the layout {pattern!r} matches no variable of the model"
    wider = (pattern.join(ends) for ends in ((".*", ""), ("", ".*"), (".*", ".*")))
    found = next((wide for wide in wider if any(re.fullmatch(wide, path) for path in shapes)), None)
    hint = f"a pattern covers the whole path of a variable: `{found}`" if found else ""
    return Problem(what, None, f"a pattern for one of {listing(list(shapes), 40)}", hint)


def _of_pattern(paths: Sequence[str], axes: Axes, shapes: Shapes, mesh: Mapping[str, int]) -> list[Problem]:
    """What does not fit between a pattern's axes and the variables that it matches."""
    found = []
    for rank in sorted({len(shapes[path]) for path in paths} - {len(axes)}):
        wrong = [path for path in paths if len(shapes[path]) == rank]
        given = "1 axis" if len(axes) == 1 else f"{len(axes)} axes"
        what = f"{given} for {_some(wrong)}, of the shape {list(shapes[wrong[0]])}"
        expected = f"{rank} of them, null for a dimension that is not parted" if rank else "none: it is a single number"
        hint = "or a pattern that matches fewer variables, such as `.*kernel`" if len(wrong) < len(paths) else ""
        found.append(Problem(what, None, expected, hint))
    fitting = [path for path in paths if len(shapes[path]) == len(axes)]
    for place, axis in enumerate(axes):
        count = 1 if axis is None else mesh[axis]
        wrong = [path for path in fitting if shapes[path][place] % count]
        if wrong:
            size = f"{_some(wrong)} has the size {shapes[wrong[0]][place]} along dimension {place}"
            what = f"{size}, which {count} devices along {axis!r} cannot part evenly"
            hint = "change that size in the model, part another dimension, or leave the variable out of the pattern"
            found.append(Problem(what, None, f"a multiple of {count}", hint))
    return found


def _some(paths: Sequence[str]) -> str:
    return paths[0] + (f" (and {len(paths) - 1} more)" if len(paths) > 1 else "")
