"""The zoo: difficult geometries, each with the reason why it is difficult.

Every test that takes shapes walks through it. `METRES` are in a plane around the origin of
`FRAME`; `DEGREES` holds the same animals on the ground at the frame's centre and those that
only exist on a globe. `UNBUILDABLE` cannot even be made a geometry of. `INVALID` names the areas
that OGC's rules refuse and repair must mend, `COLLAPSED` those that hold no area at all.
"""

import math
import warnings

import numpy as np
import shapely
from shapely import (
    GeometryCollection,
    LineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    box,
)
from shapely.geometry.base import BaseGeometry

from tilth.core.geometry.encoding import snapped
from tilth.core.geometry.frame import Frame

FRAME = Frame(18_500_000_000, 44_250_000_000)

SQUARE = box(0, 0, 100, 100)


def circle(vertices: int, radius: float = 50.0) -> Polygon:
    turns = np.linspace(0, 2 * math.pi, vertices, endpoint=False)
    return Polygon(np.column_stack((radius * np.cos(turns), radius * np.sin(turns))))


def not_finite(value: float) -> Polygon:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # GEOS itself winces
        return Polygon([(0, 0), (100, value), (100, 100), (0, 100)])


METRES: dict[str, BaseGeometry | None] = {
    # The plain ones: what must come through everything untouched.
    "square": SQUARE,
    "square clockwise": SQUARE.reverse(),
    "square started elsewhere": Polygon([(100, 100), (0, 100), (0, 0), (100, 0)]),
    "many vertices": circle(1000),
    "hole": Polygon(SQUARE.exterior, [box(40, 40, 60, 60).exterior]),
    "two parts": MultiPolygon([SQUARE, box(200, 0, 300, 100)]),
    # An island in a lake in an island: the inner part lies inside the hole of the outer.
    "nested multi": MultiPolygon(
        [Polygon(SQUARE.exterior, [box(20, 20, 80, 80).exterior]), box(40, 40, 60, 60)]
    ),
    # Valid, but overlay may lose them or give lines: near the size of the noise.
    "sliver": Polygon([(0, 0), (100, 0), (100, 0.001), (0, 0.001)]),
    "needle": Polygon([(0, 0), (1000, 0.01), (0, 0.02)]),
    "spike outwards": Polygon(
        [(0, 0), (100, 0), (100, 50), (500, 50.0001), (100, 50.0002), (100, 100), (0, 100)]
    ),
    "collinear vertices": Polygon(
        [(0, 0), (25, 0), (50, 0), (100, 0), (100, 100), (50, 100), (0, 100)]
    ),
    "duplicate points": Polygon([(0, 0), (0, 0), (100, 0), (100, 100), (100, 100), (0, 100)]),
    # Two vertices closer than a nanodegree: they become one when the shape is kept.
    "near-duplicate points": Polygon([(0, 0), (100, 0), (100, 1e-6), (100, 100), (0, 100)]),
    # Copies and neighbours of the square, for pairs.
    "copy": box(0, 0, 100, 100),
    "near-copy": box(1e-7, -1e-7, 100 + 1e-7, 100 - 1e-7),
    "shared edge": box(100, 0, 200, 100),
    "shared edge with more vertices": Polygon(
        [(100, 0), (200, 0), (200, 100), (100, 100), (100, 33)]
    ),
    "touches at a point": box(100, 100, 200, 200),
    "hole touches shell at a point": Polygon(SQUARE.exterior, [[(0, 50), (30, 40), (30, 60)]]),
    # Sizes: doubles carry 16 digits, so far away less is left for the millimetres.
    "size of UTM coordinates": box(456_789.123, 5_123_456.789, 456_889.123, 5_123_556.789),
    "huge coordinates": box(1e12, 1e12, 1e12 + 100, 1e12 + 100),
    "tiny": box(0, 0, 1e-3, 1e-3),
    "country": box(-200_000, -200_000, 200_000, 200_000),
    # Invalid: OGC refuses them, people draw them all the same.
    "bow-tie": Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]),
    "unequal bow-tie": Polygon([(0, 0), (100, 100), (100, 40), (0, 60)]),
    "swapped vertices": Polygon([(0, 0), (50, 0), (100, 100), (100, 0), (50, 100), (0, 100)]),
    "spike back and forth": Polygon(
        [(0, 0), (100, 0), (100, 50), (500, 50), (100, 50), (100, 100), (0, 100)]
    ),
    "self-touching ring": Polygon([(0, 0), (100, 0), (100, 100), (50, 0), (0, 100)]),
    "wound twice": Polygon(
        [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0), (80, 0), (80, 80), (0, 80)]
    ),
    "hole touches shell along an edge": Polygon(SQUARE.exterior, [box(0, 20, 20, 40).exterior]),
    "hole crosses shell": Polygon(SQUARE.exterior, [box(80, 80, 120, 120).exterior]),
    "hole outside": Polygon(SQUARE.exterior, [box(200, 200, 220, 220).exterior]),
    "hole as large as the shell": Polygon(SQUARE.exterior, [SQUARE.exterior]),
    "holes overlap": Polygon(
        SQUARE.exterior, [box(20, 20, 60, 60).exterior, box(40, 40, 80, 80).exterior]
    ),
    "parts overlap": MultiPolygon([SQUARE, box(50, 50, 150, 150)]),
    "parts share an edge": MultiPolygon([SQUARE, box(100, 0, 200, 100)]),
    "parts are the same": MultiPolygon([SQUARE, SQUARE]),
    "part inside a part": MultiPolygon([SQUARE, box(40, 40, 60, 60)]),
    # No area left: a polygon only by name.
    "zero area, there and back": Polygon([(0, 0), (100, 0), (0, 0), (0, 0)]),
    "collinear": Polygon([(0, 0), (50, 50), (100, 100)]),
    "one point four times": Polygon([(7, 7)] * 4),
    # Not areas at all.
    "point": Point(12, 34),
    "points": MultiPoint([(0, 0), (5, 5)]),
    "line": LineString([(0, 0), (100, 100)]),
    "height": Polygon([(0, 0, 7), (100, 0, 8), (100, 100, 9), (0, 100, 9)]),
    "point with height": Point(12, 34, 560),
    "collection": GeometryCollection([SQUARE, Point(1, 1), LineString([(0, 0), (1, 1)])]),
    "bare ring": shapely.LinearRing([(0, 0), (100, 0), (100, 100)]),
    "null": None,
    "empty polygon": Polygon(),
    "empty point": Point(),
    "empty collection": GeometryCollection(),
    "empty part": shapely.from_wkt("MULTIPOLYGON (EMPTY, ((0 0, 100 0, 100 100, 0 0)))"),
    "not a number": not_finite(math.nan),
    "infinite": not_finite(math.inf),
}

# Area that repair must leave, in m², counted by hand.
INVALID = {
    "bow-tie": 5000,  # two triangles of 50 by 100
    "unequal bow-tie": 3000,  # two of 60 by 50
    "swapped vertices": 7500,  # 5000 + 1250 left of the crossing, 1250 right of it
    "spike back and forth": 10_000,
    "self-touching ring": 5000,  # two triangles of 50 by 100
    "wound twice": 10_000,
    "hole touches shell along an edge": 9600,
    "hole crosses shell": 9600,  # the quarter of the hole inside goes
    # GEOS takes it for a part whose ring runs the wrong way, as shapefiles often have it.
    "hole outside": 10_400,
    "holes overlap": 7200,  # 1600 + 1600 - 400 go
    "parts overlap": 17_500,
    "parts share an edge": 20_000,
    "parts are the same": 10_000,
    "part inside a part": 10_000,
}
COLLAPSED = (
    "zero area, there and back",
    "collinear",
    "one point four times",
    "hole as large as the shell",
)
NOT_WRITABLE = {
    "null": "geometry_null",
    "empty polygon": "geometry_empty",
    "empty point": "geometry_empty",
    "empty collection": "geometry_unsupported",
    "collection": "geometry_unsupported",
    "bare ring": "geometry_unsupported",
    "not a number": "coordinate_not_finite",
    "infinite": "coordinate_not_finite",
}

# What shapely refuses to build: these arrive only as raw numbers.
UNBUILDABLE: dict[str, list[list[tuple[float, float]]]] = {
    "no vertex": [[]],
    "one vertex": [[(18.5, 44.25)]],
    "two vertices": [[(18.5, 44.25), (18.6, 44.25)]],
    "two vertices, closed": [[(18.5, 44.25), (18.6, 44.25), (18.5, 44.25)]],
    "not closed": [[(18.5, 44.25), (18.6, 44.25), (18.6, 44.3), (18.5, 44.3)]],
}

_ON_THE_GROUND = [
    name
    for name in METRES
    if name not in ("huge coordinates", "size of UTM coordinates", "not a number", "infinite")
]


def _degrees(name: str) -> BaseGeometry | None:
    geometry = METRES[name]
    if geometry is None or geometry.is_empty:
        return geometry
    if geometry.has_z:
        # Heights ride along untouched; only longitude and latitude are on the grid.
        xyz = shapely.get_coordinates(geometry, include_z=True)
        xyz[:, :2] = np.rint(FRAME.unproject(xyz[:, :2]) * 1e9) / 1e9
        return shapely.set_coordinates(geometry, xyz)
    flat: BaseGeometry = snapped(FRAME.unproject_geometries(np.array([geometry])))[0]
    return flat


DEGREES: dict[str, BaseGeometry | None] = {
    **{name: _degrees(name) for name in _ON_THE_GROUND},
    "not a number": METRES["not a number"],
    "infinite": METRES["infinite"],
    # Fiji: in degrees the edges run around the whole Earth, on the ground they are 2 km long.
    "across the antimeridian": Polygon(
        [(179.99, -17.0), (-179.99, -17.0), (-179.99, -16.98), (179.99, -16.98)]
    ),
    "on the equator and prime meridian": box(-0.001, -0.001, 0.001, 0.001),
    "far north": box(20.0, 78.2, 20.01, 78.21),
    "southern and western": box(-58.01, -51.71, -58.0, -51.7),
    # Longitude and latitude exchanged: still a place on Earth, but another one.
    "exchanged": box(44.25, 18.5, 44.251, 18.501),
    "exchanged beyond the pole": box(44.25, 105.5, 44.251, 105.501),
    # Metres in a file that says degrees.
    "metres labelled degrees": box(456_789, 5_123_456, 456_889, 5_123_556),
    "null island": Point(0, 0),
}
NOT_WRITABLE_DEGREES = NOT_WRITABLE | {
    "exchanged beyond the pole": "coordinate_out_of_range",
    "metres labelled degrees": "coordinate_out_of_range",
}
