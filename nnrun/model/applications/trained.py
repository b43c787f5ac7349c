"""A network that was trained before, as a step of a new one."""

from __future__ import annotations

from typing import Any

from nnrun.config.spec import Spec
from nnrun.model import earlier, saved


def trained(
    run: str | None = None, file: str | None = None, sha256: str | None = None, until: str | None = None
) -> Any:
    """A network that was trained before, with its weights, cut where it is read.

    An earlier run is looked up among the runs, as `--runs` says; a file is one that nnrun or Keras saved. The new run
    keeps a copy, so that it does not depend on the old one. Frozen with `trainable: false` it gives features;
    `trainable: {last: 4, except: BatchNormalization}` tunes its last layers. Another layer of it is read by a dot:
    `from: base.conv2d_1`.

    Args:
        run: The name of an earlier run, or of a fold of one: `fashion-a`, `digits/fold-1`.
        file: A `.keras` file, beside the config or in the current folder, in the place of a run.
        sha256: What the file's contents must be.
        until: The layer whose output is given; by default the one before the head.
    """
    spec = Spec("trained", {"run": run, "file": file, "sha256": sha256, "until": until}, slot="applications")
    return saved.load(earlier.find(spec), spec)
