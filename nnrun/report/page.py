"""The report page: one file that shows a run anywhere, without network, scripts or nnrun."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.report import draw, tables
from nnrun.report.answers import answer_rows
from nnrun.report.diagnosis import diagnose
from nnrun.report.parting import EPOCHS_THAT_MUST_FOLLOW
from nnrun.runs.index import started
from nnrun.runs.run import Run
from nnrun.storage.atomic import write_text

if TYPE_CHECKING:
    from jinja2 import Template

PAGE = "report.html"
TEMPLATE = "report.html.j2"


def write_page(run: Run) -> Path:
    """Writes `report.html` from the run folder and the figures drawn in it; gives its path."""
    path = run.path / PAGE
    write_text(path, render(run))
    return path


def render(run: Run) -> str:
    """The page as text. Every name and text of the run is escaped; the page itself forbids scripts."""
    return _template().render(
        run=run,
        facts=_facts(run),
        findings=diagnose(run),
        must_follow=EPOCHS_THAT_MUST_FOLLOW,
        metrics=tables.metric_rows(run),
        phases=tables.phase_rows(run),
        cv=tables.cv_rows(run),
        children=tables.run_rows(run.children),
        answers=answer_rows(run),
        samples=_text(run.path / "samples.txt"),
        figures=_figures(run),
    )


@cache
def _template() -> Template:
    """Compiled once: a cross validation writes a page a fold."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    return environment.get_template(TEMPLATE)


def number(value: Any) -> str:
    """A number in four significant digits, a dash for None, anything else as it is."""
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _text(path: Path) -> str:
    """A file of the run, empty where it has none."""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _facts(run: Run) -> list[tuple[str, str]]:
    versions = run.info.get("versions") or (run.info.get("environment") or {}).get("versions") or {}
    facts = [
        ("started", started(run).strftime("%Y-%m-%d %H:%M %Z")),
        ("task", ", ".join(str(task.get("task", "")) for task in run.tasks.values())),
        ("epochs", str(len(run.history)) if run.history else ""),
        ("seed", str(run.info.get("seed", ""))),
        ("command", " ".join(map(str, run.info.get("argv") or []))),
        ("versions", ", ".join(f"{package} {version}" for package, version in versions.items())),
    ]
    return [(key, value) for key, value in facts if value]


def _figures(run: Run) -> list[dict[str, str]]:
    drawn = [name for name in draw.names() if (run.figures / f"{name}.png").is_file()]
    return [
        {
            "name": name,
            "caption": (draw.figure(name).__doc__ or name).strip(),
            "png": base64.b64encode((run.figures / f"{name}.png").read_bytes()).decode("ascii"),
        }
        for name in drawn
    ]
