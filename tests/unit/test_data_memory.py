"""How much memory is left, read from files like those of the kernel."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nnrun.data import memory

GIGABYTE = 2**30


def machine(root: Path, files: dict[str, str]) -> Path:
    told = {"proc/meminfo": "MemTotal: 16777216 kB\nMemAvailable: 8388608 kB\n"}
    for name, text in {**told, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def group(path: str, most: str, used: int, cache: int = 0) -> dict[str, str]:
    folder = f"sys/fs/cgroup{path}"
    stat = f"anon 5\ninactive_file {cache}\n"
    return {f"{folder}/memory.max": f"{most}\n", f"{folder}/memory.current": f"{used}\n", f"{folder}/memory.stat": stat}


def test_data_memory_without_limits_is_what_the_machine_has(tmp_path: Path) -> None:
    files = {"proc/self/cgroup": "0::/user\n", **group("/user", "max", 1)}
    assert memory.available(machine(tmp_path, files)) == 8 * GIGABYTE


def test_data_memory_the_least_of_all_groups_above_counts(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/a/b\n",
        **group("/a", str(4 * GIGABYTE), 3 * GIGABYTE, cache=2 * GIGABYTE),
        **group("/a/b", str(6 * GIGABYTE), GIGABYTE),
    }
    assert memory.available(machine(tmp_path, files)) == 3 * GIGABYTE


def test_data_memory_in_a_container_the_limit_stands_at_the_top(tmp_path: Path) -> None:
    files = {"proc/self/cgroup": "0::/docker/0123\n", **group("", str(2 * GIGABYTE), GIGABYTE // 2)}
    assert memory.available(machine(tmp_path, files)) == 3 * GIGABYTE // 2


def test_data_memory_of_groups_of_version_1(tmp_path: Path) -> None:
    folder = "sys/fs/cgroup/memory/job"
    files = {
        "proc/self/cgroup": "12:cpu,cpuacct:/\n5:memory:/job\n",
        f"{folder}/memory.limit_in_bytes": f"{3 * GIGABYTE}\n",
        f"{folder}/memory.usage_in_bytes": f"{GIGABYTE}\n",
    }
    assert memory.available(machine(tmp_path, files)) == 2 * GIGABYTE


def test_data_memory_the_whole_is_that_of_the_machine_or_of_its_container(tmp_path: Path) -> None:
    assert memory.whole(machine(tmp_path, {"proc/self/cgroup": "0::/a\n"})) == 16 * GIGABYTE
    assert memory.whole(machine(tmp_path, group("/a", str(2 * GIGABYTE), GIGABYTE))) == 2 * GIGABYTE
    assert (
        memory.whole(machine(tmp_path, group("/a", str(9 * 2**60), GIGABYTE))) == 16 * GIGABYTE
    )  # no limit, in version 1


def test_data_memory_used_up_is_nothing_left(tmp_path: Path) -> None:
    files = {"proc/self/cgroup": "0::/\n", **group("", str(GIGABYTE), 2 * GIGABYTE)}
    assert memory.available(machine(tmp_path, files)) == 0


def test_data_memory_without_such_files_is_the_machine_s_own_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__, raising=False)
    assert memory.available(tmp_path) == 4_096_000

    def unknown(name: str) -> int:
        raise ValueError(name)

    monkeypatch.setattr(os, "sysconf", unknown, raising=False)
    assert memory.available(tmp_path) == memory.UNKNOWN
