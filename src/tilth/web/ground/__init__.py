"""The map: tiles, the list beside it, the map drawn on the server, basemaps."""
