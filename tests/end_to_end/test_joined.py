"""`nnrun export RUN --joined`: one Keras file that takes raw columns and answers as `nnrun predict` does."""

from __future__ import annotations

import csv
import io
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commandline import Nnrun

HEADER = ["height", "weight", "age", "colour", "code", "zip", "note", "price", "size"]
CONFIG = """\
data:
  source: {csv: table.csv}
  target: {columns: price, steps: [log, normalize]}
  features:
    table:
      - normalize: height
      - {columns: [weight], steps: [{log: {offset: 1}}, min_max]}
      - columns: [age]
        steps: [{impute: {value: mean, add_indicator: true}}, {clip: {maximum: 60}}, {rescale: {scale: 0.1}}]
      - one_hot: [colour, code]
      - {discretize: {columns: [size], num_bins: 3}}
    place: {index: zip}
    words: {text: note}
model:
  layers:
    - Embedding: {input_dim: $data.place.vocabulary_size, output_dim: 2, from: place}
    - Embedding: {input_dim: $data.words.vocabulary_size, output_dim: 2, from: words, name: tokens}
    - GlobalAveragePooling1D
    - Concatenate: {from: [table, embedding, previous]}
    - Dense: 8
fit: {epochs: 2}
"""


def rows(count: int) -> list[list[Any]]:
    return [
        [
            "" if i % 9 == 4 else 160 + i % 23 + 0.5,
            i % 7,
            "" if i % 5 == 3 else 20 + i % 60,
            ("red", "blue", "")[i % 3],
            i % 4,
            f"Z{i % 5}",
            ("Good, good stuff", "bad", "so-so bad!")[i % 3],
            100 + 13 * (i % 11),
            i * i % 17,
        ]
        for i in range(count)
    ]


def write(path: Path, table: list[list[Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows([HEADER, *table])


def test_joined_model_answers_raw_columns_as_predict_does(nnrun: Nnrun, folder: Path) -> None:
    """Numbers with blanks, numbers as categories, unseen texts, tokens; in the data's unit; nothing in it is ours."""
    (folder / "tiny.yaml").write_text(CONFIG, encoding="utf-8")
    write(folder / "table.csv", rows(60))
    trained = nnrun("train", "tiny.yaml", "-q", "-s", "report.figures=[]")
    assert trained.code == 0, trained.err
    new = rows(40)
    new[3][3], new[4][4], new[5][5], new[6][6] = "green", 9, "Z9", "never seen"
    write(folder / "new.csv", new)
    answered = nnrun("predict", trained.run, "--data", "new.csv", "-q").out
    wanted = [float(row["prediction"]) for row in csv.DictReader(io.StringIO(answered))]

    exported = nnrun("export", trained.run, "--joined", "joined.keras")

    assert (exported.code, exported.out) == (0, "joined.keras\n"), exported.err
    with zipfile.ZipFile("joined.keras") as archive:
        assert b"nnrun" not in archive.read("config.json")
    from nnrun.model import framework

    model = framework.keras().models.load_model("joined.keras")
    columns = dict(zip(HEADER, zip(*new, strict=True), strict=True))
    texts = ("colour", "zip", "note")
    raw = {
        name: np.array(list(cells), object) if name in texts else np.array([math.nan if c == "" else c for c in cells])
        for name, cells in columns.items()
        if name != "price"
    }
    assert set(model.input) == set(raw)
    found = model.predict(raw, verbose=0)
    np.testing.assert_allclose(np.ravel(found), wanted, rtol=1e-5)


def test_joined_model_gives_probabilities_in_the_order_of_the_classes(nnrun: Nnrun, folder: Path) -> None:
    loss = "{SparseCategoricalCrossentropy: {from_logits: true}}"
    text = f"data: {{source: {{sklearn: iris}}}}\nmodel: {{layers: [{{Dense: 4}}]}}\ncompile: {{loss: {loss}}}\n"
    (folder / "iris.yaml").write_text(text, encoding="utf-8")
    run = nnrun("train", "iris.yaml", "-q", "-s", "report.figures=[]", "-s", "fit.epochs=1").run
    assert nnrun("export", run, "--joined", "joined.keras").code == 0
    from nnrun.model import framework

    model = framework.keras().models.load_model("joined.keras")
    raw = {name: np.array([5.1, float("nan")]) for name in model.input}
    assert set(raw) == {f"{part} {side} (cm)" for part in ("sepal", "petal") for side in ("length", "width")}
    np.testing.assert_allclose(np.sum(model.predict(raw, verbose=0), axis=1), 1, rtol=1e-5)


def test_joined_model_is_refused_where_keras_cannot_do_it(nnrun: Nnrun, folder: Path) -> None:
    write(folder / "table.csv", rows(60))
    features = "[{hash: {columns: zip, num_bins: 4, output_mode: one_hot}}]"
    data = f"{{source: {{csv: table.csv}}, target: price, features: {features}}}"
    text = f"data: {data}\nmodel: {{layers: [{{Dense: 4}}]}}\n"
    (folder / "hash.yaml").write_text(text, encoding="utf-8")
    run = nnrun("train", "hash.yaml", "-q", "-s", "report.figures=[]", "-s", "fit.epochs=1").run
    refused = nnrun("export", run, "--joined", "joined.keras")
    assert (refused.code, Path("joined.keras").exists()) == (3, False)
    assert "Keras' own layers cannot carry out hash" in refused.err
    for arguments in ((), ("--python", "--joined", "a.keras")):
        assert "does not know into what" in nnrun("export", run, *arguments).err
    assert "--joined takes a run" in nnrun("export", "hash.yaml", "--joined", "a.keras").err


@pytest.mark.parametrize("name", ["a/b", "größe (m²)", ""])
def test_joined_columns_may_be_called_anything(name: str) -> None:
    from nnrun.data.joining import _layer_name
    from nnrun.model import framework

    assert framework.keras().Input((1,), name=_layer_name(name)).name == _layer_name(name)
