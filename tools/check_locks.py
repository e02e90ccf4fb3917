"""Check, without a network, that the requirements files are what pyproject.toml asks for.

Every dependency of the project, of its build and of its development group, and everything those
depend on according to the installed metadata, must be pinned with hashes at the version that is
installed here; nothing else may be pinned for this Python; the two files must agree; and no file
may hold the address of a package index.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def pins(name: str) -> tuple[dict[str, str], list[str]]:
    """Versions that a requirements file pins for this Python, and what is wrong with the file."""
    text = (ROOT / name).read_text()
    wrong = [f"{name}: holds an address" for _ in re.findall(r"://|--index|--find-links", text)]
    found: dict[str, str] = {}
    for entry in re.split(r"\n(?=\S)", text.strip()):
        requirement = Requirement(entry.split("\\", 1)[0].strip())
        if not HASH.search(entry):
            wrong.append(f"{name}: {requirement.name} has no hash")
        if requirement.marker is None or requirement.marker.evaluate():
            version = str(requirement.specifier).removeprefix("==")
            found[canonicalize_name(requirement.name)] = version
    return found, wrong


def closure(roots: list[Requirement]) -> tuple[set[str], list[str]]:
    """Names of everything that the roots need here, and what does not fit what is installed."""
    wrong: list[str] = []
    seen: set[tuple[str, str]] = set()
    queue = [(root, "pyproject.toml") for root in roots]
    while queue:
        requirement, asker = queue.pop()
        name = canonicalize_name(requirement.name)
        try:
            installed = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{name}, wanted by {asker}, is not installed: run make lock")
            continue
        if not requirement.specifier.contains(installed.version, prereleases=True):
            wrong.append(f"{asker} wants {requirement}, installed is {installed.version}")
        for extra in ("", *sorted(requirement.extras)):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            for line in installed.requires or ():
                child = Requirement(line)
                if child.marker is None or child.marker.evaluate({"extra": extra}):
                    queue.append((child, name))
    return {name for name, _ in seen}, wrong


def stated(name: str) -> list[Requirement]:
    """Return the requirements of a hand-written ``.in`` file."""
    lines = (line.split("#", 1)[0].strip() for line in (ROOT / name).read_text().splitlines())
    return [Requirement(line) for line in lines if line]


def main() -> int:
    """Print what is wrong; exit status 1 when anything is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run = [Requirement(line) for line in project["project"]["dependencies"]]
    dev = [Requirement(line) for line in project["dependency-groups"]["dev"]]
    build = stated("requirements.in")
    wrong: list[str] = []
    for name, roots in (
        ("requirements-uv.txt", stated("requirements-uv.in")),
        ("requirements.txt", build + run),
        ("requirements-dev.txt", build + run + dev),
    ):
        pinned, faults = pins(name)
        needed, misfits = closure(roots)
        wrong += faults + misfits
        wrong += [f"{name}: {one} is not pinned: run make lock" for one in needed - set(pinned)]
        wrong += [f"{name}: nothing needs {one}: run make lock" for one in set(pinned) - needed]
        for one in needed & set(pinned):
            here = metadata.version(one)
            if pinned[one] != here:
                wrong.append(f"{name}: pins {one} {pinned[one]}, installed is {here}")
    for line in sorted(set(wrong)):
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
