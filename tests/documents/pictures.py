"""Pages compared with stored pictures of them.

A page is cut into squares of 3 pixels. It differs where the mean grey of a square differs by more
than `TOLERANCE` of 255: softer edges of a newer typesetter pass, a digit that is another does not.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

STORED = Path(__file__).resolve().parents[1] / "data" / "pages"
DOTS_PER_INCH = 72
SQUARE = 3
TOLERANCE = 16.0


def _grey(picture: bytes) -> NDArray[np.float64]:
    grey = np.asarray(Image.open(io.BytesIO(picture)).convert("L"), dtype=float)
    high, wide = (side // SQUARE * SQUARE for side in grey.shape)
    squares = grey[:high, :wide].reshape(high // SQUARE, SQUARE, wide // SQUARE, SQUARE)
    return squares.mean(axis=(1, 3))


def differing(one: bytes, other: bytes) -> int:
    """Squares in which two pictures of a page differ; all of them when their sizes do."""
    a, b = _grey(one), _grey(other)
    return a.size if a.shape != b.shape else int((np.abs(a - b) > TOLERANCE).sum())


def stored(name: str, picture: bytes) -> bytes:
    """Picture kept under a name; with TILTH_KEEP_PAGES set the present one is kept instead."""
    path = STORED / f"{name}.png"
    if os.environ.get("TILTH_KEEP_PAGES"):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.open(io.BytesIO(picture)).convert("L").save(path, optimize=True)
    return path.read_bytes()
