"""How large the demonstration is, and at which believable rates its teams work and find.

Rates and densities are set against the figures of published programmes: a manual deminer clears
10-50 m² a day (HALO); two dogs with flail and manual follow-up 800-900 m² (SFOR, 2001); a system of
two machines aims at 5,000 m² a day; battle-area clearance by four to five survey teams made
4,800-6,100 m² a team-day (NPA/CMAC, Cambodia 2011). States Parties reported 5.7-7.7 anti-personnel
mines a hectare cleared (2022, 2023) and 7.6-32 submunitions a hectare (2012, 2010). A press figure
of 35 items a hectare released, as here, is far above such clearance: so most items of the story
are battle-area ordnance and abandoned stock, and the account shows them by category and origin.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

__all__ = ["CATEGORY_MIX", "METHODS", "MODELS", "SCALES", "Scale", "WorkMethod", "stream"]


@dataclass(frozen=True, slots=True)
class Scale:
    """Exact totals of a demonstration.

    Parameters
    ----------
    hazards, releases, reports
        First statements of `hazard_area`, `released_area` and `clearance_report`.
    area_m2
        Sum of the rings of the hazards' first statements, in the frame; overlaps counted twice.
    items
        Pieces found, small arms apart, in first statements of reports and spot tasks.
    """

    name: str
    hazards: int
    area_m2: int
    releases: int
    reports: int
    items: int


SCALES = {
    "small": Scale("small", 30, 4_240_000, 1_020, 1_000, 15_000),
    "yardstick": Scale("yardstick", 3_000, 424_000_000, 102_000, 100_000, 1_500_000),
}


@dataclass(frozen=True, slots=True)
class WorkMethod:
    """One way of clearing.

    Parameters
    ----------
    codes
        Methods as recorded; several where they are combined on the same ground.
    area_type
        What the hazards are that are cleared so.
    team_day_m2
        Ground a team processes in a day.
    people
        In a team.
    share
        Of cleared ground.
    depth_cm, search
        To which the ground is cleared, and what is required there.
    finds
        Items a square metre, relative to the other methods.
    """

    codes: tuple[str, ...]
    area_type: str
    team_day_m2: int
    people: int
    share: float
    depth_cm: str
    search: str
    finds: float


METHODS = (
    WorkMethod(("manual_detector",), "minefield", 450, 12, 0.11, "20", "subsurface", 0.5),
    WorkMethod(("mdd", "manual_detector"), "minefield", 850, 8, 0.075, "20", "subsurface", 0.4),
    WorkMethod(("flail", "manual_detector"), "minefield", 2500, 9, 0.22, "20", "subsurface", 0.3),
    WorkMethod(("bac_subsurface",), "cluster_strike", 1750, 10, 0.155, "30", "subsurface", 1.2),
    WorkMethod(("bac_surface",), "battle_area", 5000, 10, 0.44, "0", "surface", 1.0),
)

CATEGORY_MIX: dict[str, dict[str, float]] = {
    "minefield": {
        "ap_mine": 0.30,
        "ap_mine_improvised": 0.03,
        "av_mine": 0.07,
        "uxo": 0.27,
        "axo": 0.20,
        "fuze": 0.08,
        "ied": 0.01,
        "booby_trap": 0.01,
        "other": 0.03,
    },
    "cluster_strike": {"submunition": 0.62, "uxo": 0.22, "axo": 0.10, "fuze": 0.06},
    "battle_area": {
        "uxo": 0.42,
        "axo": 0.39,
        "fuze": 0.09,
        "submunition": 0.05,
        "ap_mine": 0.03,
        "unknown": 0.02,
    },
}
"""Share of each category among the items of a type of area; small arms are drawn apart."""

MODELS: dict[str, tuple[tuple[str, str], ...]] = {
    "ap_mine": (
        ("blast", "AP blast, plastic"),
        ("blast", "AP blast, wooden box"),
        ("fragmentation", "AP fragmentation, stake"),
        ("bounding", "AP bounding"),
    ),
    "ap_mine_improvised": (("blast", "AP improvised, container"),),
    "av_mine": (("blast", "AV blast, metal"), ("blast", "AV blast, plastic")),
    "submunition": (("bomblet", "Submunition, ball"), ("bomblet", "Submunition, shaped charge")),
    "uxo": (
        ("mortar bomb", "Mortar bomb 82 mm"),
        ("mortar bomb", "Mortar bomb 120 mm"),
        ("projectile", "Projectile 122 mm"),
        ("projectile", "Projectile 152 mm"),
        ("rocket", "Rocket 122 mm"),
        ("grenade", "Hand grenade"),
        ("aircraft bomb", "Aircraft bomb 250 kg"),
    ),
    "axo": (
        ("projectile", "Projectile 100 mm, packed"),
        ("mortar bomb", "Mortar bomb 82 mm, packed"),
        ("grenade", "Rifle grenade, packed"),
        ("rocket", "Rocket-propelled grenade, packed"),
    ),
    "fuze": (("fuze", "Fuze, point-detonating"), ("detonator", "Detonator, electric")),
    "ied": (("victim-operated", "Victim-operated device"),),
    "booby_trap": (("booby-trap", "Booby-trapped grenade"),),
    "other": (("explosive", "Demolition charge"),),
    "unknown": (("", "Not identified"),),
}
"""Subcategory and model by category: plain descriptions, no designation of any state."""


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Independent random stream of one part of the story, so that parts change apart."""
    words = [zlib.crc32(str(name).encode()) for name in names]
    return np.random.default_rng([seed, *words])
