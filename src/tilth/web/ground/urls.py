"""Addresses of the map."""

from __future__ import annotations

from django.urls import path

from tilth.web.ground import tiles, underlay, views

app_name = "ground"
_TILE = "<int:z>/<int:x>/<int:y>"
urlpatterns = [
    path("map", views.page, name="map"),
    path("map/list", views.rows, name="list"),
    path("map/still", views.still, name="still"),
    path("map/state", views.state, name="state"),
    path("map/past", views.past, name="past"),
    path("map/coordinates", views.coordinates, name="coordinates"),
    path("map/picture.svg", views.drawing, name="picture"),
    path("map/shown.geojson", views.download, name="download"),
    path("map/at/<slug:position>/<slug:layer>/<int:number>", views.feature, name="feature"),
    path(
        f"map/tiles/<slug:layer>/<slug:level>/<slug:position>/{_TILE}.mvt",
        tiles.tile,
        name="tile",
    ),
    path(f"map/base/<slug:name>/{_TILE}", underlay.tile, name="base"),
]
