"""What the figures show: their axes, lines and words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from runfolders import EPOCHS, TRAIN, VALIDATION, classifier, cross_validation, write_rows, write_run

from nnrun.errors import RunError
from nnrun.report import draw
from nnrun.report.figures.confusion import confusion
from nnrun.report.figures.curves import curves
from nnrun.report.figures.embeddings import embeddings, in_two_dimensions
from nnrun.report.figures.feature_maps import feature_maps
from nnrun.report.figures.filters import filters
from nnrun.report.figures.fold_scores import fold_scores
from nnrun.report.figures.folds import folds
from nnrun.report.figures.iterations import iterations
from nnrun.report.figures.learning_rate import learning_rate
from nnrun.report.figures.residuals import r_squared, residuals
from nnrun.report.figures.trace import trace
from nnrun.runs.run import Run


def lines(axes: Any) -> dict[str, tuple[list[float], list[float]]]:
    return {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in axes.get_lines()}


def shown(figure: Any) -> Any:
    assert figure is not None
    return figure


def texts(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.texts]


@pytest.mark.parametrize("name", draw.names())
def test_figures_every_one_is_documented_and_none_where_it_does_not_apply(name: str, tmp_path: Path) -> None:
    function = draw.figure(name)
    assert function.__name__ == name
    assert function.__doc__
    assert function(write_run(tmp_path / "empty")) is None


def test_figures_curves_show_train_and_validation_of_loss_and_metric(tmp_path: Path) -> None:
    figure = shown(curves(classifier(tmp_path / "iris")))
    loss, accuracy = figure.axes
    epochs = list(range(1, EPOCHS + 1))
    assert lines(loss)["train"] == (epochs, TRAIN)
    assert lines(loss)["validation"] == (epochs, VALIDATION)
    assert lines(loss)["best"] == ([4], [0.4])
    assert "best" not in lines(accuracy)
    assert lines(accuracy)["validation"][1][0] == 0.45
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Loss", "Accuracy"]
    assert {"train", "validation", "losses part"} <= set(texts(loss))
    assert "train and validation part after epoch 4, best 0.4 in epoch 4 (circle)" in texts(loss)
    assert loss.get_xlabel() == "epoch"


def test_figures_curves_mark_the_best_epoch_where_the_monitor_is(tmp_path: Path) -> None:
    run = write_run(
        tmp_path / "a",
        {"loss": [3, 2, 1], "auc": [0.1, 0.9, 0.3]},
        monitor={"name": "auc", "mode": "max"},
    )
    figure = shown(curves(run))
    assert "best" not in lines(figure.axes[0])
    assert lines(figure.axes[1])["best"] == ([2], [0.9])
    assert "losses part" not in texts(figure.axes[0])


def test_figures_curves_cross_epochs_without_validation_and_show_single_points(tmp_path: Path) -> None:
    nan = float("nan")
    figure = shown(curves(write_run(tmp_path / "a", {"loss": [3, 2, 1, 0], "val_loss": [nan, 5, nan, nan]})))
    assert lines(figure.axes[0])["validation"] == ([2], [5])
    assert figure.axes[0].get_lines()[1].get_marker() == "o"


def test_figures_curves_take_at_most_five_metrics(tmp_path: Path) -> None:
    history = {"loss": [2.0, 1.0]} | {f"m{number}": [1.0, 2.0] for number in range(9)}
    figure = shown(curves(write_run(tmp_path / "a", history)))
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Loss", "M0", "M1", "M2", "M3", "M4"]


def test_figures_labels_of_lines_that_end_together_are_moved_apart(tmp_path: Path) -> None:
    figure = shown(curves(write_run(tmp_path / "a", {"loss": [2, 1], "val_loss": [2, 1.001]})))
    figure.canvas.draw()
    boxes = [t.get_window_extent() for t in figure.axes[0].texts if t.get_text() in ("train", "validation")]
    assert len(boxes) == 2
    assert not boxes[0].overlaps(boxes[1])


def test_figures_show_names_of_a_run_and_never_read_them_as_formulas(tmp_path: Path) -> None:
    run = write_run(tmp_path / r"$\frac$", {"loss": [2, 1], "$x^$": [1, 2]})
    figure = shown(curves(run))
    figure.canvas.draw()
    assert figure.axes[1].get_title(loc="left") == r"\$x^\$"


def test_figures_iterations_show_every_step_and_where_epochs_begin(tmp_path: Path) -> None:
    figure = shown(iterations(classifier(tmp_path / "iris")))
    drawn = lines(figure.axes[0])
    assert drawn["loss"] == ([1, 2, 3, 4], [1.0, 0.9, 0.5, 0.4])
    assert drawn["running median"] == ([1, 2, 3, 4], [0.95, 0.9, 0.5, 0.45])
    upright = [xs for label, (xs, _) in drawn.items() if label.startswith("_")]
    assert upright == [[3, 3]]


def test_figures_confusion_counts_the_test_part_only(tmp_path: Path) -> None:
    figure = shown(confusion(classifier(tmp_path / "iris")))
    (axes,) = figure.axes
    assert axes.images[0].get_array().tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 1]]
    assert texts(axes)[:3] == ["1\n100%", "1\n100%", "2\n100%"]
    assert "3 of 4 right (75.0%), test" in texts(axes)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["setosa", "versicolor", "virginica"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true class; shares of its row")


def predictions(run: Run, rows: list[tuple[object, ...]], header: str = "row,part,fold,target,prediction") -> Run:
    write_rows(run.path / "predictions.csv", header.split(","), rows)
    return Run.open(run.path)


def test_figures_confusion_takes_class_numbers_validation_and_several_outputs(tmp_path: Path) -> None:
    tasks = {
        "a": {"task": "binary", "classes": ["no", "yes"]},
        "b": {"task": "multiclass"},
        "c": {"task": "regression"},
    }
    run = predictions(
        write_run(tmp_path / "run", task=tasks),
        [
            ("a", 0, "train", "", 1, 0),
            ("a", 1, "validation", "", 1, 1.0),
            ("a", 2, "validation", "", "no", "maybe"),
            ("b", 1, "validation", "", 10, 9),
            ("c", 1, "validation", "", 10, 9),
        ],
        "output,row,part,fold,target,prediction",
    )
    figure = shown(confusion(run))
    first, second = figure.axes
    assert first.images[0].get_array().tolist() == [[0, 0], [0, 1]]
    assert [label.get_text() for label in second.get_xticklabels()] == ["9", "10"]
    assert "1 of 1 right (100.0%), validation" in texts(first)


@pytest.mark.parametrize(("classes", "drawn"), [(30, True), (31, False)])
def test_figures_confusion_is_left_out_beyond_thirty_classes(tmp_path: Path, classes: int, drawn: bool) -> None:
    names = [f"class {number}" for number in range(classes)]
    run = write_run(tmp_path / "run", task={"y": {"task": "multiclass", "classes": names}})
    assert (confusion(predictions(run, [(0, "test", "", names[0], names[0])])) is not None) is drawn


def test_figures_residuals_show_pairs_and_differences(tmp_path: Path) -> None:
    figure = shown(residuals(cross_validation(tmp_path / "cv")))
    scatter, histogram = figure.axes
    assert scatter.collections[0].get_offsets().tolist() == [[1, 2], [2, 2], [3, 2]]
    assert lines(scatter)["exact"] == ([1, 3], [1, 3])
    assert "held-out folds, R² 0.000; dashed: exact" in texts(scatter)
    assert sum(patch.get_height() for patch in histogram.patches) == 3
    assert "held-out folds, mean 0" in texts(histogram)


def test_figures_residuals_leave_out_what_is_no_number(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", task={"y": {"task": "regression"}})
    assert residuals(predictions(run, [(0, "test", "", "", "1"), (1, "test", "", "nan", "1")])) is None
    figure = shown(residuals(predictions(run, [(0, "test", "", "2", "1")])))
    assert "test" in texts(figure.axes[0])


def test_figures_r_squared_by_hand() -> None:
    assert r_squared([(1, 1), (2, 2), (3, 3)]) == 1
    assert r_squared([(0, 1), (2, 1)]) == 0
    assert r_squared([(1, 3), (1, 2)]) is None


def test_figures_folds_show_every_fold_and_the_mean_of_those_still_running(tmp_path: Path) -> None:
    figure = shown(folds(cross_validation(tmp_path / "cv")))
    loss, mae = figure.axes
    assert lines(loss)["fold 1"] == ([1, 2, 3, 4], [5, 4, 3, 2])
    assert lines(loss)["fold 3"] == ([1, 2], [7, 6])
    assert lines(loss)["mean"] == ([1, 2, 3, 4], [6, 5, 3.5, 2.5])
    assert [axes.get_title(loc="left") for axes in (loss, mae)] == ["Loss (validation)", "Mae (validation)"]
    band = loss.collections[0].get_paths()[0].vertices
    assert (band[:, 1].max(), band[:, 1].min()) == pytest.approx((6 + (2 / 3) ** 0.5, 2))


def test_figures_folds_are_for_a_cross_validation_only(tmp_path: Path) -> None:
    assert folds(classifier(tmp_path / "iris")) is None
    assert fold_scores(classifier(tmp_path / "other")) is None


def test_figures_fold_scores_show_dots_mean_and_interval(tmp_path: Path) -> None:
    figure = shown(fold_scores(cross_validation(tmp_path / "cv")))
    (axes,) = figure.axes
    assert axes.collections[0].get_offsets().tolist() == [[1, 1], [2, 2], [3, 3]]
    assert lines(axes)["mean"][1] == [2, 2]
    span = axes.patches[0]
    assert (span.get_y(), span.get_y() + span.get_height()) == (0.5, 3.5)
    assert "mean 2 (line), interval 0.5 to 3.5 (band)" in texts(axes)


def test_figures_learning_rate_is_drawn_only_if_it_changes(tmp_path: Path) -> None:
    constant = write_run(tmp_path / "constant", {"loss": [2, 1], "learning_rate": [0.1, 0.1]})
    assert learning_rate(constant) is None
    figure = shown(learning_rate(write_run(tmp_path / "decay", {"loss": [2, 1], "learning_rate": [0.1, 0.001]})))
    assert lines(figure.axes[0])["learning rate"] == ([1, 2], [0.1, 0.001])
    assert figure.axes[0].get_yscale() == "log"


def test_figures_filters_and_feature_maps_show_what_was_kept(tmp_path: Path) -> None:
    run = write_run(tmp_path / "cnn")
    maps = np.random.default_rng(0).random((4, 4, 16)).astype("float16")
    np.savez(
        run.path / "probe.npz",
        row=np.asarray(7),
        picture=np.zeros((8, 8, 3), "float16"),
        filter_layer=np.asarray("first"),
        filters=np.ones((3, 3, 3, 16), "float32"),
        layers=np.asarray(["first", "second"]),
        maps_0=maps,
        maps_1=maps[..., :5],
    )
    shown_filters = shown(filters(run))
    assert len(shown_filters.axes) == 3 * 16  # a row for each colour
    assert {"red", "green", "blue", "cnn: filters of first"} <= set(texts(shown_filters))
    drawn = shown(feature_maps(run))
    assert len(drawn.axes) == 1 + 16 + 5
    assert {
        "first\n4 x 4",
        "second\n4 x 4",
        "row 7, which it was not trained on; the first channels of each layer",
    } <= set(texts(drawn))


def test_figures_embeddings_name_every_token_in_two_dimensions(tmp_path: Path) -> None:
    run = write_run(tmp_path / "words")
    vectors = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    tokens = np.asarray(["monday", " ", "$x$", "a very long token of many letters"])
    np.savez(run.path / "probe.npz", **{"vectors/words": vectors, "tokens/words": tokens})  # type: ignore[arg-type]
    (axes,) = shown(embeddings(run)).axes
    assert axes.get_title(loc="left") == "Vectors of words"
    assert {"monday", "' '", r"\$x\$", "a very long token o…"} <= set(texts(axes))
    assert axes.collections[0].get_offsets().shape == (4, 2)


@pytest.mark.parametrize("width", [1, 2, 5])
def test_figures_principal_components_keep_what_differs_most(width: int) -> None:
    line = np.arange(6.0)[:, None] * np.eye(1, width) + 7  # tokens on a line
    places, share = in_two_dimensions(line)
    assert places[:, 0].tolist() == pytest.approx([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])
    assert np.abs(places[:, 1]).max() == pytest.approx(0)
    assert share == pytest.approx(1)


def test_figures_principal_components_of_equal_vectors_are_zero() -> None:
    places, share = in_two_dimensions(np.ones((3, 4)))
    assert (places.tolist(), share) == ([[0.0, 0.0]] * 3, 1.0)


def test_figures_a_damaged_probe_is_an_error_of_the_run(tmp_path: Path) -> None:
    run = write_run(tmp_path / "cnn")
    (run.path / "probe.npz").write_bytes(b"no arrays")
    with pytest.raises(RunError, match=r"probe\.npz cannot be read"):
        filters(run)


def test_figures_trace_shows_each_layer_of_the_traced_steps(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a")
    rows = [
        (step, layer, slope * step, moved)
        for step in (1, 2)
        for layer, slope, moved in (("first", 0.1, 0.01), ("frozen", 0.0, ""), ("last", 1.0, 0.001))
    ]
    write_rows(run.path / "trace.csv", ("step", "layer", "gradient_norm", "relative_update"), rows)
    slopes, moves = shown(trace(Run(run.path))).axes
    assert lines(slopes) == {"first": ([1, 2], [0.1, 0.2]), "frozen": ([], []), "last": ([1, 2], [1.0, 2.0])}
    assert lines(moves)["last"] == ([1, 2], [0.001, 0.001])
    assert slopes.get_yscale() == moves.get_yscale() == "log"
    assert slopes.get_title(loc="left") == "a: gradients, 2 steps"
