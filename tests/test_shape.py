"""The budget that keeps modules deep and small: lines, functions, public names, file names."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "src").rglob("*.py"))

MAX_MODULE_LINES = 500
MAX_FUNCTION_LINES = 60
MAX_PUBLIC_NAMES = 15
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "base"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from ``def`` to the end, without the docstring: explaining costs nothing."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def long_functions(tree: ast.Module) -> list[tuple[str, int]]:
    found = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [
        (node.name, function_lines(node))
        for node in found
        if function_lines(node) > MAX_FUNCTION_LINES
    ]


def public_names(tree: ast.Module) -> list[str]:
    """What ``__all__`` lists; without it, the public functions and classes of the module."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets
        ):
            return list(ast.literal_eval(node.value))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return [n.name for n in tree.body if isinstance(n, kinds) and not n.name.startswith("_")]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_module_keeps_the_budget(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    assert len(source.splitlines()) <= MAX_MODULE_LINES
    assert long_functions(tree) == []
    assert len(public_names(tree)) <= MAX_PUBLIC_NAMES
    assert path.stem not in NAMES_THAT_SAY_NOTHING
    assert ast.get_docstring(tree), "a module opens by saying what it is for"


def test_a_long_function_is_seen() -> None:
    body = "\n".join("    x = 1" for _ in range(MAX_FUNCTION_LINES))
    assert long_functions(ast.parse(f'def f():\n    """Say."""\n{body}')) == [("f", 61)]
    assert long_functions(ast.parse(f"def f():\n{body[:-10]}")) == []


def test_public_names_are_counted_without_all() -> None:
    assert public_names(ast.parse("def a(): ...\nclass B: ...\ndef _c(): ...")) == ["a", "B"]
    assert public_names(ast.parse("__all__ = ['x']\ndef a(): ...")) == ["x"]
