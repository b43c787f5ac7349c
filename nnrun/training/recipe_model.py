"""The Keras model of a recipe: its turns are one `train_step`, on TensorFlow and on JAX.

It is what our programs and callbacks know of a model: its variables are those of all networks and optimizers, and the
draws of a step come from a generator that it holds, so that a snapshot has everything and a resume has the same bits.
A turn reads and writes variables inside of a `StatelessScope` on both backends: so it is told apart whose state it was.
The statistics of a network (of BatchNormalization) are moved in the turns in which it learns, and in no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from nnrun.model import framework
from nnrun.training.averages import Averages
from nnrun.training.recipes import Recipe, Turn


def recipe_model(
    recipe: Recipe,
    networks: Mapping[str, Network],
    optimizers: Mapping[str, Any],
    *,
    seed: int,
    averages: Averages | None = None,
    **compiled: Any,
) -> Any:
    """A compiled, built keras.Model of the networks by name; `compiled` is what `Model.compile` takes beside these.

    `seed` is that of the draws of a step; `averages` of the network that answers take its place in tests.
    """
    keras, on_jax = framework.keras(), framework.backend() == "jax"

    class RecipeModel(keras.Model):  # type: ignore[misc, name-defined]  # Keras has no types
        def __init__(self) -> None:
            super().__init__(name="recipe")
            self.networks = {name: network.model for name, network in networks.items()}
            self.draws = keras.random.SeedGenerator(seed, name="draws")
            self.scalars = {name: keras.metrics.Mean(name=name) for name in recipe.logged}
            self.averages = None if averages is None else averages.model
            self.built = True

        def call(self, inputs: Any) -> Any:
            return self.networks[recipe.answers](inputs)

        def train_step(self, *given: Any) -> Any:
            return _step(self, *given, training=True)

        def test_step(self, *given: Any) -> Any:
            return _step(self, *given, training=False)

    step = _on_jax if on_jax else _on_tensorflow

    tested = networks
    if averages is not None:
        tested = {**networks, recipe.answers: replace(networks[recipe.answers], model=averages.model)}

    def _step(model: Any, *given: Any, training: bool) -> Any:
        if training:
            return step(model, recipe, networks, *given, averages=averages, training=True)
        return step(model, recipe, tested, *given, training=False)

    for name, optimizer in optimizers.items():
        optimizer.build(networks[name].model.trainable_variables)
    if not on_jax and any(len(turn.learns) > 1 for turn in recipe.turns):
        # Slopes of several losses through one LeakyReLU make this pass of TensorFlow fail, which it prints.
        framework.tensorflow().config.optimizer.set_experimental_options({"remapping": False})
    model = RecipeModel()
    model.compile(**compiled)
    model.optimizer = Optimizers(optimizers, recipe.answers)
    return model


@dataclass(frozen=True)
class Network:
    """A network as a loss calls it: inputs by name, those that it does not take are passed over."""

    model: Any
    takes: tuple[str, ...]
    gives_logits: bool = field(kw_only=True)

    def __call__(self, given: Mapping[str, Any], training: bool) -> Any:
        taken = {name: given[name] for name in self.takes}
        return self.model(taken if len(taken) > 1 else next(iter(taken.values())), training=training)


class Optimizers:
    """The optimizers of all networks as what Keras' fit and a snapshot know of one; its rate is that of `first`.

    A callback that sets the rate changes all of them by the same factor.
    """

    built = True

    def __init__(self, by_name: Mapping[str, Any], first: str) -> None:
        self.by_name, self._first = dict(by_name), by_name[first]

    @property
    def variables(self) -> list[Any]:
        return [variable for optimizer in self.by_name.values() for variable in optimizer.variables]

    @property
    def learning_rate(self) -> Any:
        return self._first.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        factor = value / self._first.learning_rate
        for optimizer in self.by_name.values():
            optimizer.learning_rate = optimizer.learning_rate * factor


class Rows:
    """The rows of a step, for the losses: inputs by name, and draws from the model's generator."""

    def __init__(self, model: Any, x: Any, names: tuple[str, ...]) -> None:
        self.inputs = x if isinstance(x, Mapping) else {names[0]: x}
        self._model = model

    @property
    def size(self) -> Any:
        return framework.keras().ops.shape(next(iter(self.inputs.values())))[0]

    def normal(self, *shape: int) -> Any:
        return framework.keras().random.normal((self.size, *shape), seed=self._model.draws)

    def uniform(self, *shape: int) -> Any:
        return framework.keras().random.uniform((self.size, *shape), seed=self._model.draws)


def _turns(recipe: Recipe, training: bool) -> list[Turn]:
    return [turn for turn in recipe.turns for _ in range(turn.times if training else 1)]


def _told(
    turn: Turn, networks: Mapping[str, Network], rows: Rows, training: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What each network of the turn learns by, with what its own layers add, and every scalar."""
    told = turn.losses(networks, rows, training)
    learned = {}
    for name, scalars in turn.learns.items():
        own = networks[name].model.losses  # of regularizers
        learned[name] = sum(told[scalar] for scalar in scalars) + sum(own, 0.0)
    return learned, told


def _owned(model: Any, turn: Turn, networks: Mapping[str, Network]) -> list[Any]:
    """The state that a turn moves: that of the networks that learn in it, and every random generator."""
    kept = {id(variable) for name in turn.learns for variable in networks[name].model.non_trainable_variables}
    return [v for v in model.non_trainable_variables if id(v) in kept or v.path.endswith("seed_generator_state")]


def _names(recipe: Recipe, networks: Mapping[str, Network]) -> tuple[str, ...]:
    """What the data gives: all that networks take and that the recipe does not make itself."""
    taken = [name for network in networks.values() for name in network.takes]
    return tuple(name for name in dict.fromkeys(taken) if name not in recipe.makes)


def _on_tensorflow(
    model: Any,
    recipe: Recipe,
    networks: Mapping[str, Network],
    batch: Any,
    *,
    averages: Averages | None = None,
    training: bool,
) -> dict[str, Any]:
    tf, scope_of = framework.tensorflow(), framework.keras().StatelessScope
    rows = Rows(model, batch[0], _names(recipe, networks))
    learned: dict[str, Any] = {}
    scalars: dict[str, Any] = {}
    for turn in _turns(recipe, training):
        weights = {name: networks[name].model.trainable_variables for name in turn.learns}
        # Regularizers look up their weights in the scope.
        known = [(v, v.value) for own in weights.values() for v in own]
        with tf.GradientTape(persistent=len(weights) > 1) as tape, scope_of(state_mapping=known) as scope:
            losses, told = _told(turn, networks, rows, training)
            scaled = {name: model.optimizer.by_name[name].scale_loss(loss) for name, loss in losses.items()}
        learned |= losses
        scalars |= told
        for variable in _owned(model, turn, networks):
            value = scope.get_current_value(variable)
            if value is not None:
                variable.assign(value)
        if training:
            slopes = {name: tape.gradient(scaled[name], own) for name, own in weights.items()}
            for name, own in weights.items():
                model.optimizer.by_name[name].apply_gradients(zip(slopes[name], own, strict=True))
    if averages is not None:
        averages.follow()
    _log(model, learned, scalars, rows.size)
    return model.get_metrics_result()  # type: ignore[no-any-return]


def _on_jax(
    model: Any,
    recipe: Recipe,
    networks: Mapping[str, Network],
    state: Any,
    batch: Any,
    *,
    averages: Averages | None = None,
    training: bool,
) -> tuple[dict[str, Any], Any]:
    jax = framework.jax()
    *held, counted = state
    parts = [model.trainable_variables, model.non_trainable_variables]
    parts += [model.optimizer.variables] if training else []
    values: dict[int, Any] = {}
    for part, given in zip(parts, held, strict=True):
        values |= _by_variable(part, given)
    rows = Rows(model, batch[0], _names(recipe, networks))
    learned: dict[str, Any] = {}
    scalars: dict[str, Any] = {}
    for turn in _turns(recipe, training):
        weights = {name: networks[name].model.trainable_variables for name in turn.learns}
        owned = _owned(model, turn, networks)
        loss_of = partial(_loss_on_jax, model, networks, turn, rows, parts, dict(values), owned, training=training)
        own = {name: [values[id(v)] for v in found] for name, found in weights.items()}
        if training:
            scaled, pull, (losses, told, moved) = jax.vjp(loss_of, own, has_aux=True)
            slopes = {name: pull(_only(name, scaled))[0][name] for name in weights}
            for name, found in weights.items():
                optimizer = model.optimizer.by_name[name]
                state_of = [values[id(v)] for v in optimizer.variables]
                changed, state_of = optimizer.stateless_apply(state_of, slopes[name], own[name])
                values |= _by_variable(found, changed) | _by_variable(optimizer.variables, state_of)
        else:
            _, (losses, told, moved) = loss_of(own)
        learned |= losses
        scalars |= told
        values |= _by_variable(owned, moved)
    if averages is not None:
        values |= averages.followed(values)
    logs, counted = _logged(model, counted, learned, scalars, rows.size)
    return logs, (*([values[id(v)] for v in part] for part in parts), counted)


def _loss_on_jax(
    model: Any,
    networks: Mapping[str, Network],
    turn: Turn,
    rows: Rows,
    parts: list[Any],
    values: dict[int, Any],
    owned: list[Any],
    own: Mapping[str, list[Any]],
    *,
    training: bool,
) -> Any:
    """The losses of a turn's networks by their weights `own`; beside them the scalars and what has moved."""
    for name, given in own.items():
        values = values | _by_variable(networks[name].model.trainable_variables, given)
    known = [(v, values[id(v)]) for part in parts for v in part]
    with framework.keras().StatelessScope(state_mapping=known) as scope:
        losses, told = _told(turn, networks, rows, training)
        by_name = model.optimizer.by_name
        scaled = {name: by_name[name].scale_loss(loss) if training else loss for name, loss in losses.items()}
    return scaled, (losses, told, [scope.get_current_value(v) for v in owned])


def _only(name: str, losses: Mapping[str, Any]) -> dict[str, Any]:
    """What one loss alone is told apart by, of all losses of a turn."""
    ops = framework.keras().ops
    return {other: ops.ones_like(loss) if other == name else ops.zeros_like(loss) for other, loss in losses.items()}


def _by_variable(variables: Iterable[Any], values: Iterable[Any]) -> dict[int, Any]:
    return {id(variable): value for variable, value in zip(variables, values, strict=True)}


def _logged(model: Any, counted: Any, learned: Mapping[str, Any], scalars: Mapping[str, Any], size: Any) -> Any:
    """The logs, and the new values of the metrics' variables."""
    metrics = model.metrics_variables
    with framework.keras().StatelessScope(state_mapping=list(zip(metrics, counted, strict=True))) as scope:
        _log(model, learned, scalars, size)
        logs = model.get_metrics_result()
    return logs, [scope.get_current_value(variable) for variable in metrics]


def _log(model: Any, learned: Mapping[str, Any], scalars: Mapping[str, Any], size: Any) -> None:
    """`loss` is the sum of what the networks have learned by in their last turn."""
    model._loss_tracker.update_state(sum(learned.values()), sample_weight=size)
    for name, metric in model.scalars.items():
        metric.update_state(scalars[name], sample_weight=size)
