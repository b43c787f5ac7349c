"""Files in a folder, all together or in a folder for each class; what is not expected there is told."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nnrun.data.bad import BadRow, OnBad
from nnrun.errors import DataError, SettingError, did_you_mean, listing

Strange = tuple[Path, str]  # an entry, and what is wrong with it


@dataclass(frozen=True)
class Folder:
    """The files below a folder in the order of their names, and the class number of each where they have classes."""

    path: Path
    files: list[Path] = field(default_factory=list)
    classes: tuple[str, ...] = ()
    numbers: list[int] = field(default_factory=list)
    strange: list[Strange] = field(default_factory=list)
    beyond: set[str] = field(default_factory=set)

    @property
    def others(self) -> set[str]:
        """The names, without ending, of files that were there and are not among `files`: strange, or beyond a limit."""
        return {path.stem for path, _ in self.strange} | self.beyond

    def without(self, bad: Sequence[Strange]) -> Folder:
        """Less some files, which become strange; a class of which no file is left is one no more."""
        out = {path for path, _ in bad}
        kept = [place for place, file in enumerate(self.files) if file not in out]
        return self._taken(kept, [*self.strange, *bad])

    def limited(self, limit: int | None) -> Folder:
        """At most so many of the files, evenly over their order, so that classes keep their shares."""
        if limit is None or limit >= len(self.files):
            return self
        taken = self._taken([number * len(self.files) // limit for number in range(limit)], self.strange)
        return replace(taken, beyond={file.stem for file in self.files} - {file.stem for file in taken.files})

    def _taken(self, places: Sequence[int], strange: list[Strange]) -> Folder:
        numbers = [self.numbers[place] for place in places] if self.classes else []
        left = sorted(set(numbers))
        classes = tuple(self.classes[number] for number in left)
        files = [self.files[place] for place in places]
        numbers = [left.index(number) for number in numbers]
        return Folder(self.path, files, classes, numbers, strange, self.beyond)


def by_class(path: Path, suffixes: Collection[str], kind: str, class_names: Sequence[str] | None = None) -> Folder:
    """The files in a folder for each class and in the folders inside of it; classes in order, or by `class_names`.

    `kind` is what messages call a file: a picture, a text.
    """
    _require_folder(path, f"a folder that holds a folder for each class, with its {kind}s")
    found = Folder(path)
    folders: dict[str, list[Path]] = {}
    for entry in _entries(path):
        if not entry.is_dir():
            found.strange.append((entry, "stands beside the folders of the classes"))
            continue
        seen = len(found.strange)
        folders[entry.name] = list(_files(path, entry, suffixes, kind, found.strange))
        if not folders[entry.name] and len(found.strange) == seen:
            found.strange.append((entry, f"holds no {kind}s"))
    if not folders:
        raise DataError(f"{path} holds no folders", expected=f"a folder for each class, with its {kind}s")
    names = list(folders) if class_names is None else [str(name) for name in class_names]
    _same_names(path, names, list(folders))
    names = [name for name in names if folders[name]]
    files = [file for name in names for file in folders[name]]
    numbers = [number for number, name in enumerate(names) for _ in folders[name]]
    return Folder(path, files, tuple(names), numbers, found.strange)


def together(path: Path, suffixes: Collection[str], kind: str) -> Folder:
    """All files below a folder, whatever the folders in it are called."""
    _require_folder(path, f"a folder with {kind}s")
    found = Folder(path)
    found.files.extend(_files(path, path, suffixes, kind, found.strange))
    return found


def left_out(folder: Folder, on_bad: OnBad, kind: str) -> tuple[BadRow, ...]:
    """What is strange, a record each; where the policy is `fail` all of it is named in a DataError."""
    if on_bad == "fail":
        where = ", in a folder for each class" if folder.classes else ""
        refuse(folder.path, folder.strange, f"whole {kind}s only{where}")
    if not folder.files:
        refuse(folder.path, folder.strange, f"{kind}s that can be read")
        raise DataError(f"{folder.path} holds no {kind}s", expected=f"a folder with {kind}s")
    return tuple(BadRow(str(path), None, "", what) for path, what in folder.strange)


def refuse(folder: Path, bad: Sequence[Strange], expected: str) -> None:
    """Names everything in a folder that cannot be used, if there is anything."""
    if bad:
        lines = [f"{file.relative_to(folder) if file.is_relative_to(folder) else file} {why}" for file, why in bad]
        raise DataError(
            f"{folder}: {len(bad)} of its entries cannot be used: {'; '.join(lines)}",
            expected=expected,
            hint="take them out of the folder, or repair them; `on_bad: skip` under data leaves them out",
        )


def _files(top: Path, folder: Path, suffixes: Collection[str], kind: str, strange: list[Strange]) -> list[Path]:
    """The files below a folder in the order of their paths; links may not lead out of the `top` one."""
    found: list[Path] = []
    inside = top.resolve()
    linked = folder.is_symlink() and not folder.resolve().is_relative_to(inside)
    for entry in _entries(folder):
        if (linked or entry.is_symlink()) and not entry.resolve().is_relative_to(inside):
            strange.append((entry, f"is a link that leads outside, to {entry.resolve()}"))
        elif entry.is_dir() and entry.is_symlink():
            strange.append((entry, "is a link to a folder"))  # which may lead back to a folder above it
        elif entry.is_dir():
            found += _files(top, entry, suffixes, kind, strange)
        elif entry.suffix.lower() not in suffixes:
            strange.append((entry, f"is not a {kind} that is read ({' '.join(suffixes)})"))
        elif not entry.is_file():
            strange.append((entry, "is no file"))
        else:
            found.append(entry)
    return found


def _same_names(path: Path, names: Sequence[str], folders: Sequence[str]) -> None:
    for name in names:
        if name not in folders:
            raise SettingError(
                f"{path} holds no folder for the class {name!r} of class_names",
                expected=f"the folders {listing(folders)}",
                hint=did_you_mean(name, folders),
            )
    others = [name for name in folders if name not in names]
    if others or len(set(names)) < len(names):
        what = f"leaves out {listing(others)}" if others else "names a class twice"
        raise SettingError(f"class_names {what}", expected=f"each of {listing(folders)} once")


def _require_folder(path: Path, expected: str) -> None:
    if not path.is_dir():
        raise DataError(f"{path} is not a folder", expected=expected)


def _entries(folder: Path) -> list[Path]:
    """What a folder shows, in the order of the names."""
    return [folder / name for name in sorted(os.listdir(folder)) if not name.startswith(".")]
