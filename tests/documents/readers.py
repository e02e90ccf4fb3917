"""Documents as other programs read them: Poppler and qpdf, neither of them ours."""

from __future__ import annotations

import subprocess
from pathlib import Path


def run(*arguments: str | Path) -> str:
    done = subprocess.run(arguments, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8")


def kept(folder: Path, data: bytes) -> Path:
    path = folder / "document.pdf"
    path.write_bytes(data)
    return path


def embedded(folder: Path, data: bytes) -> dict[str, bytes]:
    """Files embedded in a PDF, as Poppler takes them out."""
    into = folder / "embedded"
    into.mkdir(exist_ok=True)
    run("pdfdetach", "-saveall", "-o", into, kept(folder, data))
    return {path.name: path.read_bytes() for path in into.iterdir()}


def pages(folder: Path, data: bytes) -> list[str]:
    """Text of each page, as Poppler reads it."""
    text = run("pdftotext", "-layout", "-enc", "UTF-8", kept(folder, data), "-")
    return text.split("\f")[:-1]


def facts(folder: Path, data: bytes) -> dict[str, str]:
    """What pdfinfo says of a PDF."""
    lines = run("pdfinfo", kept(folder, data)).splitlines()
    return {name: rest.strip() for name, _, rest in (line.partition(":") for line in lines)}


def sound(folder: Path, data: bytes) -> bool:
    """Whether qpdf finds the file's structure without fault."""
    return "No syntax or stream encoding errors found" in run("qpdf", "--check", kept(folder, data))


def boxes(folder: Path, data: bytes) -> list[tuple[float, float, str]]:
    """Left and right end of every word on any page, in points, as Poppler finds them."""
    import re

    text = run("pdftotext", "-bbox", kept(folder, data), "-")
    found = re.findall(r'<word xMin="([\d.-]+)".*?xMax="([\d.-]+)".*?>(.*?)</word>', text)
    return [(float(left), float(right), word) for left, right, word in found]
