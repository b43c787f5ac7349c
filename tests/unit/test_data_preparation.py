import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nnrun.config.config import Entry
from nnrun.config.spec import Spec
from nnrun.data import preparations as preparations_folder
from nnrun.data.dataset import Dataset
from nnrun.data.features import input_shape, preparations
from nnrun.data.preparation import Preparation
from nnrun.errors import DataError

TRAIN = np.array([0, 1, 2, 3])


def entry(columns: str, *steps: str | Spec) -> Entry:
    made = [step if isinstance(step, Spec) else Spec(step, slot="preparations") for step in steps]
    return Entry(tuple(columns.split()), tuple(made))


def table(**columns: Any) -> Dataset:
    frame = pd.DataFrame(columns)
    return Dataset(size=len(frame), columns=frame, lines=np.arange(2, 2 + len(frame)))


def cars() -> Dataset:
    return table(
        power=[1.0, 3.0, np.nan, 3.0, 100.0, np.nan],
        weight=[0, 10, 20, 10, 50, -10],
        maker=["b", "a", "b", None, "c", "a"],
        price=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    )


def fit(data: Dataset, features: Any = None, **settings: Any) -> Preparation:
    return Preparation.fit(data, TRAIN, features, **settings)


def refusal(data: Dataset, features: Any = None, **settings: Any) -> str:
    with pytest.raises(DataError) as caught:
        fit(data, features, **settings).apply(data)
    return str(caught.value)


def test_preparation_normalize_uses_the_training_rows() -> None:
    made = fit(cars(), {"table": (entry("weight", "normalize"),)})
    result = made.apply(cars())["table"]
    deviation = np.std([0, 10, 20, 10])
    assert result.dtype == np.float32
    assert result[:, 0].tolist() == ((np.array([0, 10, 20, 10, 50, -10]) - 10) / deviation).astype(np.float32).tolist()


def test_preparation_constant_column_becomes_zero() -> None:
    data = table(a=[0.1] * 4 + [5.0])
    assert fit(data, {"t": (entry("a", "normalize"),)}).apply(data)["t"][:4, 0].tolist() == [0.0] * 4
    assert fit(data, {"t": (entry("a", "min_max"),)}).apply(data)["t"][:4, 0].tolist() == [0.0] * 4


def test_preparation_min_max_and_raw_side_by_side() -> None:
    made = fit(cars(), {"table": (entry("weight", "min_max"), entry("price", "raw"))})
    assert made.apply(cars())["table"].tolist() == [[0, 1], [0.5, 2], [1, 3], [0.5, 4], [2.5, 5], [-0.5, 6]]
    assert made.facts == {"table": {"shape": (2,), "dtype": "float32"}}


@pytest.mark.parametrize(
    ("missing", "fill"), [("median", 3.0), ("mean", 7 / 3), ({"value": 0}, 0.0), ({"value": "mean"}, 7 / 3)]
)
def test_preparation_fills_blanks_from_the_training_rows(missing: Any, fill: float) -> None:
    made = fit(cars(), {"t": (entry("power", "raw"),)}, missing=missing)
    assert made.apply(cars())["t"][[2, 5], 0].tolist() == [np.float32(fill)] * 2
    source = "the training mean" if fill == 7 / 3 else "the training median" if fill == 3.0 else "the value"
    assert made.notes[0] == f"power: 2 blanks filled with {source} {fill:g}"


def test_preparation_missing_error_names_row_and_column() -> None:
    text = refusal(cars(), {"t": (entry("power", "raw"),)}, missing="error")
    assert text.startswith("the column 'power' is blank in line 4")
    held_out = table(a=[1.0, 2.0, 3.0, 4.0, np.nan])
    assert "line 6" in refusal(held_out, {"t": (entry("a", "raw"),)}, missing="error")
    assert "missing is 7" in refusal(cars(), missing=7)


def test_preparation_explicit_impute_handles_its_own_blanks() -> None:
    chain = (Spec("impute", {"value": 9.0}), Spec("raw"))
    made = fit(cars(), {"t": (Entry(("power",), chain),)}, missing="error")
    assert made.apply(cars())["t"][:, 0].tolist() == [1, 3, 9, 3, 100, 9]
    assert made.features["t"][0].steps == chain


def test_preparation_one_hot_unseen_is_zeros_or_its_own_column() -> None:
    made = fit(cars(), {"t": (entry("maker", "one_hot"),)})
    assert made.apply(cars())["t"].tolist() == [
        [0, 0, 1], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 0, 0], [0, 1, 0]
    ]  # fmt: skip
    assert made.facts["t"]["shape"] == (3,)
    assert made.notes[0] == "maker: 1 blank kept as a category"
    extra = fit(cars(), {"t": (entry("maker", Spec("one_hot", {"num_oov_indices": 1})),)})
    assert extra.apply(cars())["t"][4].tolist() == [1, 0, 0, 0]
    assert extra.facts["t"]["shape"] == (4,)


def test_preparation_index_gives_ids_of_shape_rows() -> None:
    made = fit(cars(), {"maker": (entry("maker", "index"),), "table": (entry("weight", "raw"),)})
    ids = made.apply(cars())["maker"]
    assert ids.dtype == np.int32
    assert ids.tolist() == [2, 1, 2, 0, 0, 1]
    assert made.facts["maker"] == {"shape": (), "dtype": "int32", "vocabulary_size": 3}


def test_preparation_index_max_tokens_keeps_the_most_frequent() -> None:
    made = fit(cars(), {"maker": (entry("maker", Spec("index", {"max_tokens": 2})),)})
    assert made.apply(cars())["maker"].tolist() == [1, 0, 1, 0, 0, 0]
    assert made.facts["maker"]["vocabulary_size"] == 2


def test_preparation_numbers_as_categories_read_alike() -> None:
    data = table(a=[3.0, 10.0, 3.0, np.nan, 10.0])
    made = fit(data, {"a": (entry("a", "index"),)})
    assert made.states["a"][0][0]["vocabulary"] == ["3", "10"]
    new = table(a=[10, 3, 10])
    assert made.apply(new)["a"].tolist() == [2, 1, 2]


def test_preparation_automatic_features_leave_out_what_is_blank() -> None:
    made = Preparation.fit(table(a=[1.0, 2.0, 3.0], b=[np.nan, np.nan, 4.0]), np.arange(2))
    assert made.features["table"][0].columns == ("a",)
    assert made.notes == ("b: left out, it is blank in all 2 training rows",)


def test_preparation_automatic_features() -> None:
    many = table(age=range(60), sex=["m", "f"] * 30, name=[f"person {n}" for n in range(60)], y=[0, 1] * 30)
    made = Preparation.fit(many, np.arange(60), used_elsewhere=frozenset({"y"}))
    assert {name: [(e.columns, e.steps[-1].name) for e in entries] for name, entries in made.features.items()} == {
        "table": [(("age",), "normalize"), (("sex",), "one_hot")]
    }
    assert made.apply(many)["table"].shape == (60, 3)
    assert len(made.notes) == 1
    assert made.notes[0].startswith("name: left out, its text has 60 distinct values (more than 50)")


def test_preparation_lists_the_columns_that_nothing_uses() -> None:
    data = table(age=[1, 2], name=["a", "b"])
    made = Preparation.fit(data, np.arange(2), {"table": (entry("age", "normalize"),)})
    assert made.notes == ("columns that nothing uses: name",)


def test_preparation_arrays_are_scaled_to_float32() -> None:
    data = Dataset(size=2, arrays={"image": np.array([[[255]], [[51]]], dtype=np.uint8)}, scale={"image": 1 / 255})
    made = Preparation.fit(data, np.array([0]))
    assert made.facts == {"image": {"shape": (1, 1), "dtype": "float32"}}
    result = made.apply(data)["image"]
    assert result.dtype == np.float32
    assert result.ravel().tolist() == pytest.approx([1.0, 0.2], rel=1e-6)
    bad = Dataset(size=2, arrays={"image": np.array([[[1.0]], [[np.nan]]])})
    with pytest.raises(DataError, match=r"holds NaN.*in row 1"):
        made.apply(bad)
    with pytest.raises(DataError, match=r"has the shape \(2,\)"):
        made.apply(Dataset(size=1, arrays={"image": np.zeros((1, 2))}))


def test_preparation_held_out_rows_cannot_change_the_state() -> None:
    """The leak test: whatever stands in the rows that are held out, what is saved has the same bits."""
    features = {
        "table": (entry("power weight", "normalize"), entry("price", "min_max"), entry("maker", "one_hot")),
        "id": (entry("kind", "index"),),
    }

    def saved(data: Dataset, chosen: Any) -> tuple[str, dict[str, bytes]]:
        facts, arrays = fit(data, chosen, used_elsewhere=frozenset()).save_data()
        return json.dumps(facts, sort_keys=True), {key: value.tobytes() for key, value in arrays.items()}

    def data(power: Any, weight: Any, price: Any, maker: Any, kind: Any) -> Dataset:
        return table(
            power=[1.0, 3.0, np.nan, 3.0, *power],
            weight=[0.0, 10.0, 20.0, 10.0, *weight],
            price=[1.0, 2.0, 3.0, 4.0, *price],
            maker=["b", "a", "b", None, *maker],
            kind=["x", "y", "x", "z", *kind],
        )

    random = np.random.default_rng(0)
    first = data([1, 2], [1, 2], [1, 2], ["a", "b"], ["x", "x"])
    for _ in range(20):
        values = random.normal(size=(3, 2)) * 1e6
        values[random.random((3, 2)) < 0.3] = np.nan
        words = random.choice(np.array(["a", "new", "zz", None], dtype=object), size=(2, 2))
        other = data(*values, *words)
        assert saved(other, features) == saved(first, features)
        assert saved(other, None) == saved(first, None)


def test_preparation_round_trip() -> None:
    data = cars()
    arrays = Dataset(size=6, columns=data.columns, arrays={"image": np.arange(6.0).reshape(6, 1)}, scale={"image": 0.5})
    made = fit(arrays, {"t": (entry("power weight", "normalize"), entry("maker", "one_hot"))})
    facts, stored = made.save_data()
    again = Preparation.load(json.loads(json.dumps(facts)), stored)
    before, after = made.apply(arrays), again.apply(arrays)
    assert sorted(before) == sorted(after) == ["image", "t"]
    assert all(np.array_equal(before[name], after[name]) for name in before)
    assert again.facts == made.facts
    with pytest.raises(DataError, match="saved in format 2"):
        Preparation.load(facts | {"format": 2}, stored)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ({"t": (entry("powr", "raw"),)}, "there is no column 'powr'"),
        (
            {"t": (entry("power", "raw"), entry("power", "normalize"))},
            "'power' is used twice, in t",
        ),
        ({"t": (entry("maker", "normalize"),)}, "the column 'maker' holds text, 'b' in line 2"),
        ({"t": (entry("price", "raw"),)}, "'price' is an input and also the target"),
        ({"t": (entry("power", "normalise"),)}, "there is no preparation 'normalise'"),
        ({"t": (entry("power", Spec("raw", {"x": 1})),)}, "raw has no setting 'x'"),
        ({"t": (entry("power", "raw"), entry("maker", "index"))}, "mixes integers from index with numbers"),
        ({"t": (entry("maker", "index", "normalize"),)}, "normalize takes numbers and stands behind"),
        ({"t": (entry("power", Spec("impute", {"value": "mode"}), "raw"),)}, "cannot be filled with 'mode'"),
        ({"t": ()}, "the input t has no columns"),
    ],
)
def test_preparation_wrong_features_are_refused(features: Any, message: str) -> None:
    assert message in refusal(cars(), features, used_elsewhere=frozenset({"price"}))


def test_preparation_two_inputs_share_a_column() -> None:
    made = fit(cars(), {"wide": (entry("power", "raw"),), "deep": (entry("power weight", "raw"),)})
    prepared = made.apply(cars())
    assert np.array_equal(prepared["wide"][:, 0], prepared["deep"][:, 0])


def test_preparation_nearest_column_is_named() -> None:
    assert "did you mean 'power'?" in refusal(cars(), {"t": (entry("powr", "raw"),)})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([np.nan] * 4 + [1.0], "the column 'a' is blank in all 4 training rows"),
        ([1.0, np.inf, 2.0, 3.0, 4.0], "the column 'a' holds infinities, in line 3"),
        ([1.0, 2.0, 3.0, 4.0, 1e300], "too large for float32, in line 6"),
    ],
)
def test_preparation_bad_values_are_named(values: list[float], message: str) -> None:
    assert message in refusal(table(a=values), {"t": (entry("a", "raw"),)})


def test_features_shapes_before_the_data() -> None:
    assert input_shape([entry("a b", "normalize"), entry("c", "raw")]) == (3,)
    assert input_shape([entry("a", "normalize"), entry("b", "one_hot")]) == (None,)
    assert input_shape([entry("a", "index")]) == ()
    assert input_shape([entry("a b", "index")]) == (2,)


def test_features_preparations_are_the_files_of_their_folder() -> None:
    folder = Path(preparations_folder.__file__).parent
    assert preparations() == tuple(sorted(path.stem for path in folder.glob("[!_]*.py")))
    assert {"normalize", "one_hot", "text", "image", "audio"} <= set(preparations())


@pytest.mark.parametrize("kinds", [30, 90])
def test_preparation_one_text_in_a_column_of_numbers_is_named(kinds: int) -> None:
    data = table(a=["oops" if row == 7 else row % kinds for row in range(90)], b=range(90))
    assert refusal(data).splitlines() == [
        "the column 'a' holds text, 'oops' in line 9, and 89 numbers",
        "    expected: numbers, or text of few kinds",
        "    mend the cell, or name the text in `na_values` where it means a blank; "
        "where it is text, name it in `features`: `one_hot: a`",
    ]
    assert refusal(data, {"table": (entry("a", "normalize"),)}).splitlines()[-1] == (
        "    mend the cell, or name the text in `na_values` where it means a blank"
    )
    assert fit(data, {"table": (entry("a", "one_hot"),)}).features["table"][0].columns == ("a",)


def test_preparation_text_with_some_numbers_is_text() -> None:
    data = table(a=[("x", "y", "3", "4")[row % 4] for row in range(20)])
    assert fit(data).features["table"][0].steps[0].name == "one_hot"
