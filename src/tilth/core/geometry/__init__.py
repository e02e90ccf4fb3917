"""Shapes: how they are written, measured, captured, repaired and checked.

Shapes are stored in WGS 84 as integer nanodegrees (`encoding`), measured in a local equal-area
frame in metres (`frame`), mended where they are invalid (`repair`). People type them as
coordinates (`coordinates`) or as a traverse (`traverse`); what looks wrong about them becomes a
finding (`checks`, `overlaps`).
"""
