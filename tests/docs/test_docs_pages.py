"""The pages are whole: every command and file is told, every link leads somewhere, generated parts are fresh."""

from __future__ import annotations

import inspect
import re
import subprocess
import textwrap
from pathlib import Path

import pytest
from pages import PAGES, ROOT, blocks, generated
from typer.main import get_command

from nnrun import catalogue, errors
from nnrun.cli.app import app
from nnrun.config import library
from nnrun.config.sections import COMPILE, FIT, Sections
from nnrun.training.programs import tape
from nnrun.training.stopping import SIGNALS

COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_docs_every_command_has_its_help_and_an_example() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^## ([a-z]+)$", page, re.M)) == COMMANDS
    typed = [
        line for block in blocks("bash", "run") if block.page == "docs/commands.md" for line in block.text.split("\n")
    ]
    assert sorted({line.split()[1] for line in typed if line}) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_docs_the_help_on_the_page_is_the_golden_one(name: str) -> None:
    golden = (ROOT / "tests" / "golden" / "help" / f"{name}.txt").read_text(encoding="utf-8")
    assert generated()[f"help {name}"] == f"```text\n{golden}```\n"


def test_docs_what_compile_and_fit_take_is_fresh() -> None:
    assert (generated()["compile"], generated()["fit"]) == (", ".join(COMPILE), ", ".join(FIT))


def test_docs_the_shipped_blocks_are_fresh() -> None:
    assert generated()["blocks"].split(", ") == [f"`{name}`" for name in sorted(library.names())]


def test_docs_the_written_out_step_is_the_one_that_runs() -> None:
    found = generated()
    assert found["train_step"] == f"```python\n{inspect.getsource(tape.train_step)}```\n"
    loop = textwrap.dedent(inspect.getsource(tape.TapeProgram.__call__))
    assert found["training_loop"] == f"```python\n{loop}```\n"


def test_docs_every_generated_part_is_tested() -> None:
    others = ["blocks", "compile", "course", "fit", "imports", "reliability", "sizes", "train_step", "training_loop"]
    assert sorted(generated()) == sorted([*(f"help {name}" for name in COMMANDS), *others])


def test_docs_every_section_of_a_config_is_told() -> None:
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    table = page[page.index("## The sections") : page.index("## Data")]
    assert re.findall(r"^\| `(\w+)` \|", table, re.M) == list(Sections.model_fields)


def test_docs_every_source_and_preparation_is_told() -> None:
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    names = [*catalogue.own_names("sources"), *catalogue.own_names("preparations")]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_docs_every_exit_code_is_told() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    told = {int(code) for row in re.findall(r"^\| ([\d, ]+) \|", page, re.M) for code in row.split(",")}
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.NnrunError)]
    stopped = {errors.StoppedError("", signal_number=number).exit_code for number in SIGNALS}
    assert told == {0, *(kind.exit_code for kind in kinds), *stopped}


def test_docs_every_link_leads_somewhere() -> None:
    broken = [
        f"{page.name}: {link}"
        for page in PAGES
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
        if not link.startswith("https://") and not (page.parent / link).exists()
    ]
    assert broken == []


def test_docs_the_file_tree_of_the_readme_is_the_real_one() -> None:
    tree = next(block.text for block in blocks("text") if block.page == "README.md")
    told = {line.split()[0] for line in tree.splitlines() if line.startswith("  ")}
    rooms = {f"{path.name}/" for path in (ROOT / "nnrun").iterdir() if (path / "__init__.py").is_file()}
    assert told == rooms | {"experiment.py", "errors.py"}


def test_docs_the_gate_takes_its_command_from_the_readme(tmp_path: Path) -> None:
    """`.ci/run` runs the marked line in a clean copy: what is ignored or set by hand does not reach it."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "run").write_bytes((ROOT / ".ci" / "run").read_bytes())
    (tmp_path / ".venv").mkdir()
    readme = 'x\n<!-- command: test -->\n```bash\necho "$PWD|${NNRUN_DATA-unset}|$CI|$(ls -A | xargs)" && exit 7\n```\n'
    (tmp_path / "README.md").write_text(readme)
    done = subprocess.run(
        ["bash", ".ci/run"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "NNRUN_DATA": "here"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    command, said = done.stdout.splitlines()
    assert (done.returncode, done.stderr, command) == (7, "", readme.splitlines()[3])
    place, *others = said.split("|")
    assert others == ["unset", "true", ".ci README.md"]
    assert place != str(tmp_path)
    assert not Path(place).exists()


def test_docs_the_readme_has_one_command_to_train_and_one_to_test() -> None:
    """Each is one line that begins in a fresh clone; the second holds the whole gate."""
    [train], [test] = blocks("bash", "command: train"), blocks("bash", "command: test")
    assert train.text.count("\n") == test.text.count("\n") == 1
    for block in (train, test):
        assert block.text.startswith("python3 -m venv .venv && ")
    assert train.text.endswith(" nnrun train configs/cnn.yaml\n".replace(" nnrun", "/bin/nnrun"))
    steps = test.text.strip().split(" && ")
    assert steps[-4:] == ["ruff check", "ruff format --check", "mypy", "pytest"]
    assert "-c constraints.txt" in steps[2]


def test_docs_every_shell_block_is_run_or_is_one_of_the_two_commands() -> None:
    assert {block.marker for block in blocks("bash")} == {"run", "command: train", "command: test"}
