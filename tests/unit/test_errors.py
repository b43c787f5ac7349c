from __future__ import annotations

import pytest

from nnrun.errors import ConfigError, DataError, NnrunError, Problem, Where, did_you_mean, listing, nearest, one_of


def test_errors_problem_reads_as_place_path_expectation_and_hint() -> None:
    problem = Problem("epochs is 0", Where("a.yaml", 3, 11, "fit.epochs"), "a whole number above 0", "write 1")
    assert str(problem) == (
        "a.yaml:3:11: epochs is 0\n    in fit.epochs\n    expected: a whole number above 0\n    write 1"
    )


def test_errors_problem_without_a_place_is_its_sentence() -> None:
    assert str(Problem("the file is empty")) == "the file is empty"
    assert str(Problem("the file is empty", Where(""))) == "the file is empty"


def test_errors_config_error_tells_each_problem_once_and_by_line() -> None:
    first, second = Problem("b", Where("a.yaml", 9, 1)), Problem("a", Where("a.yaml", 2, 5))
    error = ConfigError([first, second, first])
    assert error.problems == (second, first)
    assert (str(error), error.exit_code) == ("a.yaml:2:5: a\na.yaml:9:1: b", 2)


def test_errors_every_kind_has_an_exit_code_of_its_contract() -> None:
    def kinds(kind: type[NnrunError]) -> set[type[NnrunError]]:
        return {kind}.union(*map(kinds, kind.__subclasses__()))

    assert {kind.exit_code for kind in kinds(NnrunError)} <= {1, 2, 3, 4, 5, 6, 74, 75}


@pytest.mark.parametrize(
    ("name", "found"),
    [("dense", "Dense"), ("conv_2d", "Conv2D"), ("Densee", "Dense"), ("Flaten", "Flatten"), ("xyz", None), ("", None)],
)
def test_errors_nearest_prefers_the_same_letters_in_another_case(name: str, found: str | None) -> None:
    assert nearest(name, ["Dense", "DenseNet", "Conv2D", "Flatten"]) == found


def test_errors_did_you_mean_is_empty_without_an_idea() -> None:
    assert did_you_mean("epoch", ["epochs"]) == "did you mean 'epochs'?"
    assert did_you_mean("zzz", ["epochs"]) == ""


def test_errors_listing_counts_what_it_leaves_out() -> None:
    assert listing(["a", "b", "c"], 2) == "a, b ... (1 more)"


def test_errors_one_of_leaves_a_long_list_out_where_a_hint_says_it() -> None:
    assert one_of(["a", "b"], "did you mean 'a'?") == "one of a, b"
    assert one_of(["a"]) == "a"
    assert one_of([], "") == ""
    assert one_of(list("abcdefghi"), "did you mean 'a'?") == ""


def test_errors_of_many_problems_keep_their_kind() -> None:
    first, second = Problem("b", Where("a.csv", 9, 1)), Problem("a", Where("a.csv", 2, 5))
    error = DataError.of([first, second, first])
    assert (type(error), error.exit_code, error.problems) == (DataError, 3, (second, first))
    assert str(error) == "a.csv:2:5: a\na.csv:9:1: b"
