"""Basemaps: bundled land, the deployer's own, and a server that is never led astray."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import mapbox_vector_tile
import pytest
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from tilth.core.problems import Refused
from tilth.exchange import fetching
from tilth.exchange.tiles import TileAddress
from tilth.service import basemaps

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


class Strange(BaseHTTPRequestHandler):
    """Answers that a basemap must not be taken in by."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        Strange.asked.append(self.path)
        kind, data, status = "image/png", PNG, 200
        if self.path.startswith("/moved"):
            status, data = 302, b""
        if self.path.startswith("/page"):
            kind = "text/html"
        if self.path.startswith("/lie"):
            data = b"<script>alert(1)</script>"
        if self.path.startswith("/huge"):
            data = PNG + b"0" * 2_000_001
        if self.path.startswith("/gone"):
            status = 404
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status == 302:
            self.send_header("Location", "/good/1/1/1.png")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[str]:
    Strange.asked = []
    server = HTTPServer(("127.0.0.1", 0), Strange)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def code_of(call: Any) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return str(refused.value.problems[0].code)


def test_a_picture_is_fetched_from_a_host_that_is_allowed(elsewhere: str) -> None:
    assert fetching.fetch_picture(f"{elsewhere}/good", private=True) == (PNG, "image/png")


def test_a_private_address_is_not_asked(elsewhere: str) -> None:
    assert code_of(lambda: fetching.fetch_picture(f"{elsewhere}/good")) == "fetch_refused"
    assert Strange.asked == []


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "0.0.0.0"]
)
def test_a_name_that_leads_into_the_own_network_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [(2, 1, 6, "", ("8.8.8.8", 80)), (2, 1, 6, "", (address, 80))]
    monkeypatch.setattr(fetching.socket, "getaddrinfo", lambda *_, **__: found)
    refused = code_of(lambda: fetching.fetch_picture("http://tiles.example.org/1.png"))
    assert refused == "fetch_refused"


@pytest.mark.parametrize("path", ["moved", "page", "lie", "huge", "gone"])
def test_what_is_no_picture_is_dropped_and_no_redirect_followed(elsewhere: str, path: str) -> None:
    failed = code_of(lambda: fetching.fetch_picture(f"{elsewhere}/{path}", private=True))
    assert failed == "fetch_failed"
    assert Strange.asked == [f"/{path}"]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x/y", "http://me@x/y", "http:///y", "gopher://x"]
)
def test_only_web_addresses_are_asked(url: str) -> None:
    assert code_of(lambda: fetching.fetch_picture(url)) == "fetch_refused"


def test_a_deployers_tiles_pass_through_the_server_and_are_kept(
    elsewhere: str, tmp_path: Path
) -> None:
    table = {
        "id": "relief",
        "type": "raster",
        "url": f"{elsewhere}/good/{{z}}/{{x}}/{{y}}.png",
        "private_network": True,
        "max_zoom": 9,
    }
    (_, relief) = basemaps.basemaps_of([table], tmp_path)
    for _ in range(2):
        tile = basemaps.base_tile(relief, TileAddress(7, 70, 46), tmp_path)
        assert tile == (PNG, "image/png", "")
    assert Strange.asked == ["/good/7/70/46.png"]
    assert basemaps.base_tile(relief, TileAddress(10, 1, 1), tmp_path)[0] == b""


def test_a_wms_is_asked_for_the_square_of_the_tile(elsewhere: str, tmp_path: Path) -> None:
    table = {
        "id": "w",
        "type": "wms",
        "url": f"{elsewhere}/wms?LAYERS=a&STYLES=plain",
        "private_network": True,
    }
    (_, found) = basemaps.basemaps_of([table], tmp_path)
    basemaps.base_tile(found, TileAddress(1, 1, 0), tmp_path)
    (asked,) = Strange.asked
    assert asked.startswith("/wms?LAYERS=a&STYLES=plain&")
    assert "BBOX=0.000000%2C0.000000%2C20037508.342789%2C20037508.342789" in asked
    assert "CRS=EPSG%3A3857" in asked
    assert asked.count("STYLES=") == 1


def test_a_wmts_is_asked_by_its_own_words(elsewhere: str, tmp_path: Path) -> None:
    url = f"{elsewhere}/good/{{TileMatrix}}/{{TileRow}}/{{TileCol}}"
    table = {"id": "m", "type": "wmts", "url": url, "private_network": True}
    (_, found) = basemaps.basemaps_of([table], tmp_path)
    basemaps.base_tile(found, TileAddress(5, 17, 11), tmp_path)
    assert Strange.asked == ["/good/5/11/17"]


def test_an_archive_of_tiles_is_read(tmp_path: Path) -> None:
    with (tmp_path / "region.pmtiles").open("wb") as file:
        writer = Writer(file)
        writer.write_tile(zxy_to_tileid(3, 4, 2), PNG)
        header = {
            "tile_type": TileType.PNG,
            "tile_compression": Compression.NONE,
            "min_zoom": 3,
            "max_zoom": 3,
            "min_lon_e7": 0,
            "min_lat_e7": 0,
            "max_lon_e7": 1,
            "max_lat_e7": 1,
            "center_zoom": 3,
            "center_lon_e7": 0,
            "center_lat_e7": 0,
        }
        writer.finalize(header, {})
    table = {"id": "region", "type": "pmtiles", "path": "region.pmtiles"}
    (_, found) = basemaps.basemaps_of([table], tmp_path)
    assert (found.min_zoom, found.max_zoom, found.vector) == (3, 3, False)
    assert basemaps.base_tile(found, TileAddress(3, 4, 2), tmp_path)[0] == PNG
    assert basemaps.base_tile(found, TileAddress(3, 0, 0), tmp_path)[0] == b""


@pytest.mark.parametrize(
    "table",
    [
        {"id": "land", "type": "raster", "url": "https://x/{z}"},
        {"id": "../up", "type": "raster", "url": "https://x/{z}"},
        {"id": "a", "type": "other", "url": "https://x/{z}"},
        {"id": "a", "type": "raster", "url": "file:///etc/passwd"},
        {"id": "a", "type": "raster", "url": "https://me@x/{z}"},
        {"id": "a", "type": "pmtiles", "path": "missing.pmtiles"},
        {"id": "a", "type": "raster", "url": "https://x/{z}", "min_zoom": 9, "max_zoom": 3},
    ],
)
def test_a_basemap_that_cannot_be_used_is_told(table: dict[str, Any], tmp_path: Path) -> None:
    assert code_of(lambda: basemaps.basemaps_of([table], tmp_path)) == "bad_basemap"


def test_land_is_bundled_and_has_no_borders(read_only: Path, sign_in: Any) -> None:
    client = sign_in("observer", organisation="Furrow")
    answer = client.get("/map/base/land/4/8/5")
    tile = mapbox_vector_tile.decode(gzip.decompress(answer.content))
    assert set(tile) == {"land"}
    assert all(one["properties"] == {} for one in tile["land"]["features"])
    sea = client.get("/map/base/land/7/40/50")
    assert sea.status_code == 204
    assert client.get("/map/base/none/4/8/5").status_code == 404


def test_the_page_names_no_other_server(
    read_only: Path, sign_in: Any, settings: Any, tmp_path: Path
) -> None:
    table = {"id": "relief", "title": "Relief", "type": "raster", "url": "https://far.example/{z}"}
    settings.FILE_SETTINGS = {"basemap": [table, {"id": "bad", "type": "raster"}]}
    page = sign_in("information_manager").get("/map").content.decode()
    assert "Relief" in page
    assert "far.example" not in page
    assert "The basemap bad of server.toml cannot be used" in page
