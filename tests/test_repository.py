"""What no file of the repository may hold: index addresses, paths of one machine, secrets.

The words looked for are put together here, so that this file does not hold them itself.
"""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FORBIDDEN = {
    "package index": "|".join(
        (
            r"pypi\." + "org",
            "python" + "hosted",
            "npm" + r"js\.(?:org|com)",
            "deb" + r"\.debian\.org",
            "proxy" + r"\.golang\.org",
            "crates" + r"\.io",
            "--" + "extra-index-url|--" + "index-url|--" + "trusted-host",
        )
    ),
    "path of one machine": r"(?<![\w.~-])/(?:work|root|opt/(?:wheels|py\w+))/",
    "private key": "-----BEGIN " + r"(?:[A-Z]+ )?PRIVATE KEY-----",
    "token": "|".join(
        (
            "gh" + r"[pousr]_[A-Za-z0-9]{30}",
            "py" + r"pi-AgE[A-Za-z0-9_-]{20}",
            "gl" + r"pat-[A-Za-z0-9_-]{16}",
            "AK" + r"IA[0-9A-Z]{16}",
            "xo" + r"x[abp]-[0-9A-Za-z-]{20}",
            r"https?://[^/\s:@]+:[^/\s:@]+@",
        )
    ),
}


def repository_files() -> list[Path]:
    """Files that git tracks or would take; without git, everything outside the built folders."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", "-z"],
            check=True,
            capture_output=True,
        ).stdout.decode()
        return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]
    except (FileNotFoundError, subprocess.CalledProcessError):
        built = {".git", ".venv", "demo", "build", "_build", "__pycache__", ".hypothesis"}
        return [
            path
            for path in ROOT.rglob("*")
            if path.is_file() and not built & set(path.relative_to(ROOT).parts)
        ]


def found_in(text: str) -> list[str]:
    return [name for name, pattern in FORBIDDEN.items() if re.search(pattern, text)]


def test_no_file_holds_what_it_may_not() -> None:
    offending = {
        str(path.relative_to(ROOT)): found
        for path in repository_files()
        if (found := found_in(path.read_bytes().decode("utf-8", "replace")))
    }
    assert offending == {}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("from https://" + "pypi" + ".org/simple", "package index"),
        ("open('" + "/wo" + "rk/main/x')", "path of one machine"),
        ("-----BEGIN " + "PRIVATE KEY-----", "private key"),
        ("gh" + "p_" + "a" * 36, "token"),
    ],
)
def test_each_of_them_is_recognised(text: str, name: str) -> None:
    assert found_in(text) == [name]


def test_relative_paths_and_prose_are_free() -> None:
    assert found_in("field/work/plan and the root of the tree; ~/work/x") == []


def test_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
