"""A person's own Python file: what is read of it, who may run it, and that nothing else ever does."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from commandline import Nnrun

from nnrun import catalogue, trust
from nnrun.catalogue import read_own_file
from nnrun.check import examine_file
from nnrun.config import load_config, read_config
from nnrun.data.files import Roots
from nnrun.errors import ConfigError, UsageError

EFFECT = "import pathlib\npathlib.Path({mark!r}).touch()\n"
LAYER = """
import keras
class Scale(keras.layers.Layer):
    '''Scales.

    Args:
        factor: By how much.
    '''
    def __init__(self, factor: float = 2.0, **kwargs):
        super().__init__(**kwargs)
    def call(self, inputs, other=None, power: int = 1, training=None):
        return inputs
"""
CONFIG = """
plugins: [{file}]
data: {{source: {{sklearn: iris}}}}
model:
  layers:
    - Scale: {{factor: 3.0, power: 2}}
"""


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """A file that is there once the code of a plugin was run."""
    return tmp_path / "executed"


@pytest.fixture
def place(folder: Path, mark: Path) -> Path:
    """A folder with a config and the file that it names, which leaves the mark when it is run."""
    (folder / "blocks.py").write_text(EFFECT.format(mark=str(mark)) + LAYER)
    (folder / "config.yaml").write_text(CONFIG.format(file="blocks.py"))
    return folder


def components(source: str) -> dict[tuple[str, str], list[str]]:
    found = read_own_file("own.py", source.encode()).components
    return {key: [parameter.name for parameter in component.parameters] for key, component in found.items()}


def problems(file: Path) -> list[str]:
    return [problem.what for problem in examine_file(file, (), Roots(file.parent)).problems]


def test_own_file_families_follow_from_the_base_and_the_signature() -> None:
    source = """
import keras, keras as k
from keras import layers
from keras.losses import Loss as Base
class A(layers.Dense): pass
class B(A):
    def __init__(self, extra, **kwargs): ...
class C(Base):
    def __init__(self, share): ...
class D(k.Metric): pass
class E(keras.optimizers.schedules.LearningRateSchedule): pass
class F(keras.optimizers.SGD): pass
class G(keras.callbacks.ModelCheckpoint): pass
class H(keras.initializers.Initializer): pass
class _Hidden(keras.layers.Layer): pass
class Plain: pass
def loss(y_true, y_pred, delta=1.0): ...
def rows(count: int = 5) -> dict: ...
def helper(x): ...
"""
    found = components(source)
    assert list(found) == [
        ("layers", "A"), ("layers", "B"), ("losses", "C"), ("metrics", "D"), ("schedules", "E"), ("optimizers", "F"),
        ("callbacks", "G"), ("initializers", "H"), ("losses", "loss"), ("metrics", "loss"), ("sources", "rows"),
    ]  # fmt: skip
    assert found["layers", "A"][:3] == ["units", "activation", "use_bias"]
    assert found["layers", "B"][:3] == ["extra", "units", "activation"]
    assert found["losses", "C"] == ["share"]
    assert found["losses", "loss"] == ["delta"]
    assert "filepath" not in found["callbacks", "G"], "what Keras' own may not be given, what inherits may not either"


def test_own_file_arguments_have_the_kinds_of_their_annotations() -> None:
    component = read_own_file("own.py", LAYER.encode()).components["layers", "Scale"]
    assert [(parameter.name, parameter.kind) for parameter in component.parameters][:1] == [("factor", "number")]
    assert [(p.name, p.kind) for p in component.call] == [
        ("inputs", "tensor"),
        ("other", "tensor"),
        ("power", "integer"),
    ]
    assert component.parameters[0].doc == "By how much."


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("class (", "not Python: invalid syntax"),
        ("x = '\0'", "not Python"),
        ("x = " + "(" * 500 + ")" * 500, "not Python"),
        ("x = " + "-" * 100_000 + "1", "not Python"),
        ("class A(A): pass", "refers to itself"),
        ("class A(B): pass\nclass B(A): pass", "refers to itself"),
        ("import keras\nclass Dense(keras.Layer):\n  def __init__(self, **kwargs): ...", "Dense is a name of Keras"),
        ("def mse(y_true, y_pred): ...", "mse is a name of Keras"),
        ("def csv() -> dict: ...", "csv is a name of Keras or nnrun"),
        ("import keras\nclass VGG16(keras.Layer):\n  def __init__(self, **kwargs): ...", "VGG16 is a name of Keras"),
        ("import keras\nclass A(keras.Layer):\n  def __init__(self): ...", "the layer A takes no name"),
    ],
)  # fmt: skip
def test_own_file_that_cannot_serve_is_told_at_its_line(source: str, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_own_file("own.py", source.encode())
    [*_, problem] = refused.value.problems
    assert told in problem.what
    assert problem.where is not None
    assert (problem.where.file, problem.where.line >= 1) == ("own.py", True)


@pytest.mark.parametrize("default", ["2 ** 10 ** 10", "A", "9 ** 64 ** 64 ** 64", "1 / 0", "X", "foreign.y"])
def test_own_file_reading_a_default_reckons_nothing_for_ever(default: str) -> None:
    lines = [f"X{i} = X{i + 1} * X{i + 1}" for i in range(60)]
    source = "\n".join(
        ["import foreign", "A = A", "X = X0", *lines, "X60 = 9", f"def f(y_true, y_pred, a={default}): ..."]
    )
    assert components(source)["losses", "f"] == ["a"]


@pytest.mark.parametrize("name", ["a b.py", "class.py", "json.py", "own.txt", "1.py"])
def test_own_file_names_that_no_module_may_have(name: str) -> None:
    with pytest.raises(ConfigError):
        read_own_file(name, LAYER.encode())


def test_plugins_unapproved_are_refused_and_never_run(place: Path, mark: Path, nnrun: Nnrun) -> None:
    for command in (["check"], ["show"], ["train"], ["cv"], ["show", "--build"]):
        refused = nnrun(command[0], "config.yaml", *command[1:])
        assert refused.code == 2, command
        assert refused.err == (
            "nnrun: config.yaml:2:11: blocks.py is not approved as it is now, and a config runs no code that nobody has"
            " read\n    in plugins[0]\n    read it; if it may run on this machine: `nnrun trust blocks.py`\n"
        )
    assert not mark.exists()
    assert sorted(path.name for path in place.iterdir()) == ["blocks.py", "config.yaml"]


def test_plugins_approved_are_checked_without_being_run(place: Path, mark: Path, nnrun: Nnrun) -> None:
    trusted = nnrun("trust", "blocks.py")
    assert trusted.code == 0
    sha256 = trust.approve(place / "blocks.py").sha256
    assert trusted.out.splitlines()[2:] == [
        "Scale  layers  factor, trainable, dtype, name",
        f"sha256 {sha256}",
        "blocks.py: approved, as it is now",
    ]
    assert nnrun("check", "config.yaml").code == 0
    wrong = nnrun("check", "config.yaml", "-s", "model.layers.Scale.factor=big", "-s", "model.layers.Scale.powr=1")
    assert "factor of Scale is the text 'big'" in wrong.err
    assert "Scale has no argument 'powr'" in wrong.err
    assert "did you mean 'power'?" in wrong.err
    assert nnrun("show", "config.yaml").code == 0
    assert not mark.exists()


def test_plugins_one_byte_later_it_is_another_file(place: Path, mark: Path) -> None:
    trust.approve(place / "blocks.py")
    assert problems(place / "config.yaml") == []
    with (place / "blocks.py").open("a") as stream:
        stream.write(" ")
    assert problems(place / "config.yaml") == [
        "blocks.py is not approved as it is now, and a config runs no code that nobody has read"
    ]
    assert not mark.exists()


def test_plugins_approval_is_of_bytes_and_can_be_taken_back(place: Path) -> None:
    trust.approve(place / "blocks.py")
    copy = place / "inside" / "other.py"
    copy.parent.mkdir()
    copy.write_bytes((place / "blocks.py").read_bytes())
    (place / "config.yaml").write_text(CONFIG.format(file="inside/other.py"))
    assert problems(place / "config.yaml") == []
    assert trust.revoke(place / "blocks.py") == 1
    assert problems(place / "config.yaml") != []
    assert trust.revoke(place / "blocks.py") == 0


def test_plugins_revoke_takes_back_what_a_file_once_was(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNRUN_STATE", str(place / "state"))  # others approve files of the same bytes
    trust.approve(place / "blocks.py")
    (place / "blocks.py").write_text(LAYER)
    trust.approve(place / "blocks.py")
    (place / "blocks.py").unlink()
    assert len(trust.approvals()) == 2
    assert trust.revoke(place / "blocks.py") == 2
    assert trust.approvals() == []


def test_plugins_lie_below_the_config_or_the_current_folder(
    place: Path, mark: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "blocks.py"
    outside.write_text(EFFECT.format(mark=str(mark)) + LAYER)
    trust.approve(outside)
    (place / "link.py").symlink_to(outside)
    (place / "loop.py").symlink_to("loop.py")
    for written in (str(outside), f"../{outside.parent.name}/blocks.py", "link.py", "a/../../x.py"):
        (place / "config.yaml").write_text(CONFIG.format(file=f"'{written}'"))
        assert problems(place / "config.yaml") == [f"{written} leads outside"], written
    for written in ("missing.py", "loop.py", "a" * 300 + ".py", "sub/blocks.py"):
        (place / "config.yaml").write_text(CONFIG.format(file=written))
        assert problems(place / "config.yaml") == [f"there is no file {written!r}"], written
    assert not mark.exists()


def test_plugins_a_link_that_is_turned_round_is_refused(place: Path, mark: Path) -> None:
    (place / "good.py").write_text(LAYER)
    (place / "link.py").symlink_to("good.py")
    trust.approve(place / "link.py")
    (place / "config.yaml").write_text(CONFIG.format(file="link.py"))
    assert problems(place / "config.yaml") == []
    (place / "link.py").unlink()
    (place / "link.py").symlink_to("blocks.py")
    assert problems(place / "config.yaml") != []
    assert not mark.exists()


def test_plugins_names_are_known_only_to_the_config_that_names_them(place: Path) -> None:
    trust.approve(place / "blocks.py")
    (place / "other.yaml").write_text(CONFIG.format(file="blocks.py").replace("plugins: [blocks.py]", ""))
    config = load_config(place / "config.yaml")
    assert "there is no layer 'Scale'" in problems(place / "other.yaml")
    assert catalogue.find("layers", "Scale") is None
    seen = []
    with config.names():
        assert catalogue.find("layers", "Scale") is not None
        assert "Scale" in catalogue.names("layers")
        thread = threading.Thread(target=lambda: seen.append(catalogue.find("layers", "Scale")))
        thread.start()
        thread.join()
    assert seen == [None]
    assert "Scale" not in catalogue.names("layers")


def test_plugins_two_files_may_not_define_the_same(place: Path) -> None:
    (place / "more.py").write_text(LAYER)
    for name in ("blocks.py", "more.py"):
        trust.approve(place / name)
    (place / "config.yaml").write_text(CONFIG.format(file="blocks.py, more.py"))
    assert problems(place / "config.yaml") == ["more.py and blocks.py both define Scale, among the layers"]
    (place / "config.yaml").write_text(CONFIG.format(file="blocks.py, blocks.py"))
    assert problems(place / "config.yaml") == ["two plugins are called blocks.py"]


@pytest.mark.parametrize("written", ["5", "{a: b}", "[5]", "[[blocks.py]]", "[null]", "[blocks]", "['a\\0.py']"])
def test_plugins_are_a_list_of_files(place: Path, written: str) -> None:
    (place / "config.yaml").write_text(CONFIG.format(file="").replace("plugins: []", f"plugins: {written}"))
    _, found = read_config(place / "config.yaml")
    assert len(found) == 1
    assert found[0].where is not None
    assert found[0].where.path.startswith("plugins")


def test_trust_wants_a_file_that_a_config_could_name(folder: Path, nnrun: Nnrun) -> None:
    (folder / "empty.py").write_text("x = 1\n")
    with pytest.raises(UsageError, match="defines nothing"):
        trust.approve(folder / "empty.py")
    assert nnrun("trust").code == 2
    assert nnrun("trust", "missing.py").code == 2
    assert nnrun("trust", "--revoke", "empty.py").code == 2
    assert nnrun("trust", "--list", "empty.py").code == 2


def test_trust_a_note_that_is_damaged_is_still_listed(place: Path) -> None:
    found = trust.approve(place / "blocks.py")
    (trust.state() / "trusted" / f"{found.sha256}.json").write_text("{")
    assert found.sha256 in [note.sha256 for note in trust.approvals()]
    assert trust.is_approved(found.source)
