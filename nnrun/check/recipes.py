"""The networks of a recipe by arithmetic, and what the config says that the recipe has no place for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nnrun.check import schedules
from nnrun.check.data import Seen
from nnrun.config.config import Config, Model
from nnrun.errors import NnrunError, Problem, did_you_mean, listing, one_of
from nnrun.model.expansion import expand
from nnrun.model.graph import Graph, Node
from nnrun.model.logits import contradiction, scale
from nnrun.model.shapes import Arithmetic, Row, shape_text
from nnrun.training.recipes import Recipe, Role, Rows, recipe


def of(config: Config) -> Recipe | None:
    """The recipe of a config; None where there is none, or where its settings make no sense."""
    try:
        return None if config.recipe is None else recipe(config.recipe)
    except (NnrunError, TypeError):  # of a setting that is missing, which is told
        return None


def problems(config: Config, seen: Seen, *, cross_validation: bool) -> list[Problem]:
    """What does not go with the recipe, the networks themselves left out."""
    if config.recipe is None:
        return []
    try:
        found = recipe(config.recipe)
    except NnrunError as error:
        return [replace(problem, where=problem.where or config.recipe.where) for problem in error.problems]
    except TypeError:
        return []
    try:
        roles = found.roles(_rows(config, seen, found))
    except NnrunError as error:
        return [replace(problem, where=config.recipe.where) for problem in error.problems]
    wrong = _models(config, roles)
    if not roles or not config.models:
        return wrong
    wrong += [*_without_effect(config), *_optimizers(config)]
    if cross_validation:
        what = f"a cross validation scores held-out rows, and networks by the recipe {config.recipe.name} answer none"
        wrong.append(Problem(what, config.recipe.where, hint="train it: `nnrun train`"))
    if found.labels and seen.peek.columns is None and not config.data.targets and not seen.targets and seen.shapes:
        what = "conditional networks want classes, and the data has no target"
        wrong.append(Problem(what, config.recipe.where, "`target: COLUMN` under data", "or `conditional: false`"))
    if config.runtime.remainder == "pad":
        where = config.document.value(("runtime", "remainder"))
        what = f"remainder: pad, and the losses of the recipe {config.recipe.name} know of no rows that count nothing"
        wrong.append(Problem(what, where, hint="leave it out: the last batch stays short"))
    if config.fit.keep == "best":
        where = config.document.key(("fit", "keep"))
        what = f"keep: best, and no loss of the recipe {config.recipe.name} says which epoch makes the best rows"
        wrong.append(Problem(what, where, hint="leave it out; the report shows what each few epochs make"))
    if not found.labels and config.data.targets:
        what = f"the recipe {config.recipe.name} uses no target"
        hint = "take it away, or write `conditional: true`"
        wrong.append(Problem(what, config.data.targets[0].where, hint=hint))
    return wrong


def networks(config: Config, seen: Seen, *, broken: bool) -> tuple[tuple[Row, ...], list[Problem], list[Node]]:
    """A row for each call of all networks, named behind their network; what is wrong with them; their nodes.

    `broken` says that names or settings are wrong already: what a network is called on may be right then.
    """
    found = of(config)
    try:
        roles: Mapping[str, Role] = {} if found is None else found.roles(_rows(config, seen, found))
    except NnrunError:
        roles = {}
    rows: list[Row] = []
    wrong: list[Problem] = []
    nodes: list[Node] = []
    for name, role in roles.items():
        if name not in config.models:
            continue
        graph, own, more = _network(config, seen, name, role, broken=broken)
        wrong += more
        rows += [replace(row, name=f"{name}.{row.name}", sources=_inside(name, row, graph)) for row in own]
        nodes += [] if graph.problems else graph.nodes
    return tuple(rows) if seen.shapes else (), wrong, nodes


def _rows(config: Config, seen: Seen, found: Recipe) -> Rows:
    taken = {column for target in config.data.targets for column in target.columns}
    if found.labels and seen.peek.target is not None:
        taken.add(seen.peek.target)
    inputs = {name: shape for name, shape in seen.shapes.items() if name not in taken}
    return Rows(inputs, seen.peek.num_classes)


def _network(
    config: Config, seen: Seen, name: str, role: Role, *, broken: bool
) -> tuple[Graph, tuple[Row, ...], list[Problem]]:
    model, measure = config.models[name], Arithmetic()
    wrong = [] if broken else _inputs(config, name, model, role)
    takes = tuple(dict.fromkeys(taken for taken in model.takes if taken in role.takes)) or tuple(role.takes)
    if broken:
        takes = tuple(dict.fromkeys((*model.takes, *role.takes)))
    shapes = {taken: role.takes.get(taken) for taken in takes}
    graph = expand(model, shapes, {}, seen.facts if seen.shapes else None, measure)
    if broken:
        return replace(graph, problems=()), (), []
    rows = measure.rows(graph)
    if wrong:
        return replace(graph, problems=tuple(wrong)), (), wrong
    wrong = [*graph.problems, *measure.problems]
    if len(model.outputs) != 1:
        what = f"the {name} has {len(model.outputs) or 'no'} outputs"
        wrong = [Problem(what, model.where, "`outputs:` with one step, such as `{Dense: 1}`")]
    if wrong:
        return graph, rows, wrong
    (tensor,) = graph.outputs.values()
    row = next((row for row in rows if row.name == tensor), None)
    where = model.outputs[0].where
    if row is not None and not _same(row.shape, role.gives):
        what = f"the {name} gives rows of {shape_text(row.shape)}"
        wrong.append(Problem(what, where, shape_text(role.gives), role.why))
    for node in graph.nodes if role.row_by_row else ():
        if node.spec.name == "BatchNormalization":
            what = f"BatchNormalization in the {name}: a penalty on its slope at single rows wants none of the others"
            wrong.append(Problem(what, node.where, hint="LayerNormalization looks at one row"))
    if role.loss is not None:
        problem = contradiction(name, scale(graph, tensor), role.loss, role.loss.where)
        wrong += [problem] if problem else []
    return graph, rows, wrong


def _same(shape: Any, wanted: Any) -> bool:
    """Whether two shapes agree, as far as both are known."""
    if shape is None or wanted is None:
        return True
    pairs = zip(shape, wanted, strict=False)
    return len(shape) == len(wanted) and all(None in pair or pair[0] == pair[1] for pair in pairs)


def _inside(name: str, row: Row, graph: Graph) -> tuple[str, ...]:
    return tuple(source if source in graph.inputs else f"{name}.{source}" for source in row.sources)


def _models(config: Config, roles: Mapping[str, Role]) -> list[Problem]:
    """Networks that the recipe wants and that are not there, and the other way round."""
    assert config.recipe is not None
    name = config.recipe.name
    if not roles:
        what = f"models, and the recipe {name} trains one network"
        where = config.document.key(("models",))
        return [Problem(what, where, "`model:`")] if config.models else []
    if not config.models:
        what = f"the recipe {name} wants the models {listing(list(roles))}, and the config has one `model`"
        hint = f"`models: {{{', '.join(f'{role}: {{layers: [...], outputs: ...}}' for role in roles)}}}`"
        return [Problem(what, config.recipe.where, hint=hint)]
    missing = [role for role in roles if role not in config.models]
    found = []
    for given in config.models:
        if given not in roles:
            hint = did_you_mean(given, missing)
            where = config.document.key(("models", given))
            found.append(Problem(f"the recipe {name} has no model {given!r}", where, one_of(list(roles), hint), hint))
    if missing and not found:
        where = config.document.key(("models",))
        found.append(Problem(f"the recipe {name} wants the model {missing[0]!r} too", where, listing(list(roles))))
    return found


def _inputs(config: Config, name: str, model: Model, role: Role) -> list[Problem]:
    """Each network is called on all that the recipe has for it, and on nothing else."""
    known, found = list(role.takes), []
    for index, given in enumerate(model.takes):
        if given not in known:
            hint = did_you_mean(given, known)
            where = config.document.value(("models", name, "inputs", index))
            found.append(Problem(f"the {name} is not called on {given!r}", where, one_of(known, hint), hint))
    missing = [taken for taken in known if taken not in model.takes] if model.takes and not found else []
    if missing:
        where = config.document.value(("models", name, "inputs"))
        what = f"the {name} is called on {listing(known)}, and {missing[0]!r} is not among its inputs"
        found.append(Problem(what, where, f"`inputs: [{', '.join(known)}]`"))
    return found


def _optimizers(config: Config) -> list[Problem]:
    """Averages that nobody would put in the place of the weights, and schedules that a callback would overwrite."""
    found = []
    for optimizer in {id(one): one.optimizer for one in config.compiles.values()}.values():
        found += schedules.problems(optimizer, config.fit.callbacks)
        if optimizer.arguments.get("use_ema"):
            what = "averages of the weights (use_ema) of a recipe's networks are not of this version yet"
            found_in = of(config)
            averages = found_in is not None and found_in.ema
            hint = "leave it out: `ema` of the recipe averages them" if averages else "leave it out"
            found.append(Problem(what, optimizer.where, hint=hint))
    return found


def _without_effect(config: Config) -> list[Problem]:
    """What a config says of answers, where none are learned."""
    assert config.recipe is not None
    name, document = config.recipe.name, config.document
    wrong = []
    for path, what in (
        (("task",), "a task"),
        (("data", "weight"), "weights of rows"),
        (("compile", "loss"), "a loss"),
        (("compile", "loss_weights"), "weights of losses"),
        (("compile", "metrics"), "metrics"),
        (("compile", "weighted_metrics"), "metrics"),
        (("fit", "class_weight"), "weights of classes"),
        (("fit", "sampling"), "a sampling of classes"),
        (("predict",), "a way to read answers"),
    ):
        if path in document.keys:
            told = f"{what}, and the recipe {name} has its own losses and no answers"
            wrong.append(Problem(told, document.key(path), hint="take it away"))
    return wrong
