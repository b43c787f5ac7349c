"""How weights are changed: what Keras does in each replica before the replicas' gradients come together."""

from __future__ import annotations

from nnrun.config.config import Config
from nnrun.errors import Problem

JAX = "`runtime: {backend: jax}`"
_CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")


def of_optimizer(config: Config) -> list[Problem]:
    """Clipping, gathered gradients, averages that overwrite weights."""
    optimizer = config.compile.optimizer
    found = []
    if optimizer.arguments.get("use_ema") and optimizer.arguments.get("ema_overwrite_frequency"):
        where = config.document.key(("compile", "optimizer", optimizer.name, "ema_overwrite_frequency"))
        what = "Keras cannot put averages in the place of the weights during a training on replicas of TensorFlow"
        found.append(Problem(what, where, hint=f"leave it out: the averages are taken at the end, or {JAX}"))
    for name in (*_CLIPPING, "gradient_accumulation_steps"):
        if optimizer.arguments.get(name) is None:
            continue
        where = config.document.key(("compile", "optimizer", optimizer.name, name))
        if name in _CLIPPING:
            what = f"{name} would clip the gradients of each replica, before they are added"
        else:
            what = "Keras cannot gather gradients over steps on replicas of TensorFlow"
        found.append(Problem(what, where, hint=JAX))
    return found


def of_precision(config: Config) -> list[Problem]:
    """Programs and numbers of another kind."""
    found = []
    if config.compile.others.get("jit_compile") is True:
        where = config.document.key(("compile", "jit_compile"))
        found.append(
            Problem(
                "XLA (`jit_compile: true`) cannot compile a step of several replicas",
                where,
                hint=f"leave it out, or {JAX}",
            )
        )
    if config.runtime.precision == "mixed_float16" and config.compile.others.get("auto_scale_loss") is not False:
        where = config.document.value(("runtime", "precision"))
        what = "mixed_float16 scales the loss, which goes wrong on replicas of TensorFlow"
        found.append(Problem(what, where, hint=f"`precision: mixed_bfloat16`, or {JAX}"))
    return found
