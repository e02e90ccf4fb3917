"""Collect every message id into a gettext template: ``python -m tilth.text.extract [FILE]``.

Labels and help of kinds, labels of code lists, sentences of problem and finding codes, and the
texts of ``say("…")`` calls. The output depends on the sources alone, so that two runs give the
same bytes.
"""

from __future__ import annotations

import ast
import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import tilth
from tilth.core.findings import FINDINGS
from tilth.core.kinds.catalogue import CODELISTS, KINDS, all_fields
from tilth.core.kinds.model import Kind
from tilth.core.problems import CATALOGUE, ProblemText
from tilth.text import accounts, figures
from tilth.text.language import DOMAIN, LOCALE

__all__ = ["load_all", "main", "messages", "pot"]

_CALLS = {"say", "_"}
_PACKAGE = Path(tilth.__file__).parent
_HEADER = (
    'msgid ""\nmsgstr ""\n"Project-Id-Version: tilth\\n"\n"MIME-Version: 1.0\\n"\n'
    '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
)


def load_all() -> None:
    """Import every module of the package, so that every code is registered."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilth.web.settings")
    importlib.import_module("django").setup()  # the pages' modules ask for it
    for module in pkgutil.walk_packages(tilth.__path__, "tilth."):
        if not module.name.endswith(("__main__", ".wsgi")) and ".migrations." not in module.name:
            importlib.import_module(module.name)


def messages(kinds: Mapping[str, Kind] = KINDS) -> dict[str, list[str]]:
    """Every message id with the places it is used at, in a stable order."""
    load_all()
    found: dict[str, list[str]] = {}
    for message, place in _all(kinds):
        if message and place not in found.setdefault(message, []):
            found[message].append(place)
    return found


def _all(kinds: Mapping[str, Kind]) -> Iterator[tuple[str, str]]:
    yield from _of_kinds(kinds)
    yield from _of_codes(CATALOGUE, "problem")
    yield from _of_codes(FINDINGS, "finding")
    yield from ((name, f"level {name}") for name in figures.LEVELS)
    yield from ((said, f"left out {name}") for name, said in accounts.LEFT_OUT_LABELS.items())
    for path in sorted(_PACKAGE.rglob("*.py")):
        if path.is_relative_to(_PACKAGE / "web"):
            continue  # the pages' own words are Django's to translate
        place = path.relative_to(_PACKAGE.parent).as_posix()
        yield from ((message, place) for message in _of_source(path.read_text("utf-8")))


def _of_kinds(kinds: Mapping[str, Kind]) -> Iterator[tuple[str, str]]:
    for kind in kinds.values():
        yield kind.label, f"kind {kind.name}"
        yield kind.help, f"kind {kind.name}"
        for name, one in all_fields(kind.fields):
            yield one.label, f"field {kind.name}.{name}"
            yield one.help, f"field {kind.name}.{name}"
    for listed in CODELISTS.values():
        for code in listed.codes:
            yield code.label, f"code {listed.name} {code.value}"


def _of_codes(codes: Mapping[str, ProblemText], what: str) -> Iterator[tuple[str, str]]:
    for code, text in sorted(codes.items()):
        yield text.what, f"{what} {code}"
        yield text.fix, f"{what} {code}"


def _of_source(source: str) -> Iterator[str]:
    """Literal texts of calls to the gettext function, in the order they stand."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        first = node.args[0] if node.args else None
        if name in _CALLS and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return '"' + escaped.replace("\r", "\\r").replace("\n", "\\n") + '"'


def pot(found: Mapping[str, list[str]]) -> str:
    r"""Write message ids as a gettext template; places stand in comments.

    Examples
    --------
    >>> print(pot({"Depth": ["field released_area.depth_cm"]}).split("\n\n")[1].strip())
    #. field released_area.depth_cm
    msgid "Depth"
    msgstr ""
    """
    blocks = [_HEADER]
    for message, places in found.items():
        lines = [f"#. {place}" for place in places]
        if "{" in message:
            lines.append("#, python-brace-format")
        blocks.append("\n".join([*lines, f"msgid {_quoted(message)}", 'msgstr ""', ""]))
    return "\n".join(blocks)


def main(arguments: list[str]) -> None:
    """Write the template to the file named, else to ``locale/tilth.pot`` of the package."""
    path = Path(arguments[0]) if arguments else LOCALE / f"{DOMAIN}.pot"
    found = messages()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(pot(found), encoding="utf-8")
    sys.stdout.write(f"{len(found)} messages written to {path}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
