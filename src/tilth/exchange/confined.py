"""Binary formats are parsed in a process of their own, with limits on memory, time and disk.

GDAL and the spreadsheet reader are large programs in C++ and Rust that meet untrusted bytes. A
declared size can lie, a crash can be provoked: here both end a child process, and the parent says
so with a problem. The child writes rows to a file in a folder of its own; rows are read back from
there as often as wanted, so that neither side holds the whole table.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

import tilth
from tilth.core.problems import Problem, Refused, register
from tilth.exchange.guard import Limits

__all__ = ["Folder", "pack_cell", "read_frames", "run_confined", "write_frame"]

_LENGTH = struct.Struct("<I")
_DAY, _MOMENT = 1, 2  # extension types of dates and times in frames
_BOOTSTRAP = (
    "import sys; sys.path.insert(0, {root!r}); from tilth.exchange.worker import main; main()"
)
_GRACE = 30  # seconds of wall clock beyond the limit on processor time
_OUT_OF_MEMORY = ("memory", "alloc")


class Folder:
    """A temporary folder that goes away with its last user, or at the end of the program."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="tilth-"))
        self._end = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def close(self) -> None:
        """Remove the folder now."""
        self._end()


def run_confined(job: dict[str, Any], output: Path, limits: Limits, where: str) -> None:
    """Run one reading job in a confined process, which writes frames to `output`.

    Raises
    ------
    Refused
        The child's own problem, or ``reader_out_of_memory``, ``reader_too_slow``,
        ``reader_failed`` when it ended without a result.
    """
    root = str(Path(tilth.__file__).resolve().parents[1])
    errors = output.with_suffix(".err")
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "HOME": str(output.parent),
        "TMPDIR": str(output.parent),
        "OPENBLAS_NUM_THREADS": "1",  # each thread reserves address space, which is limited
        "OMP_NUM_THREADS": "1",
        "GDAL_NUM_THREADS": "1",
        "GDAL_CACHEMAX": "64",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
        "OGR_SKIP": _SKIPPED_DRIVERS,
        "GDAL_SKIP": _SKIPPED_DRIVERS,
    }
    command = [sys.executable, "-E", "-s", "-c", _BOOTSTRAP.format(root=root)]
    job = {
        **job,
        "output": str(output),
        "where": where,
        "limits": msgspec.to_builtins(limits),
    }
    with errors.open("wb") as sink:
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and module
                command,
                input=msgspec.json.encode(job),
                stdout=sink,
                stderr=sink,
                env=environment,
                cwd=output.parent,
                timeout=limits.reader_seconds + _GRACE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            params: dict[str, str | int | float] = {"seconds": limits.reader_seconds}
            raise Refused(Problem("reader_too_slow", where, params)) from error
    if done.returncode:
        raise Refused(_why(done.returncode, errors, limits, where))


# Drivers that open other files, databases or the network by what a file says; the formats we
# read are opened by name, this is the second fence.
_SKIPPED_DRIVERS = (
    "OGR_VRT,VRT,GDALG,DERIVED,WFS,OAPIF,OGCAPI,HTTP,CSW,EEDA,PLSCENES,Elasticsearch,Carto,"
    "AmigoCloud,NGW,PGDUMP,GPSBabel,MBTiles,PMTiles,OSM,ADBC,PDF,GeoRSS,LVBAG,S57,STACTA,"
    "GTFS,MapInfo File,OpenFileGDB,DXF,GML,CSV,XLSX,ODS,SQLite,GeoJSON,TopoJSON,ESRIJSON,JSONFG"
)


def _why(status: int, errors: Path, limits: Limits, where: str) -> Problem:
    """Name the cause of a child's end: its limits, or a crash."""
    message = errors.read_bytes()[-2000:].decode("utf-8", "replace").strip()
    seconds: dict[str, str | int | float] = {"seconds": limits.reader_seconds}
    if -status == 24:  # SIGXCPU, signal(7)
        return Problem("reader_too_slow", where, seconds)
    if any(word in message.lower() for word in _OUT_OF_MEMORY):
        return Problem("reader_out_of_memory", where, {"bytes": limits.reader_bytes})
    last = message.splitlines()[-1][:200] if message else f"status {status}"
    return Problem("reader_failed", where, {"reason": last})


def _pack(value: object) -> msgspec.msgpack.Ext:
    if isinstance(value, dt.datetime):
        return msgspec.msgpack.Ext(_MOMENT, value.isoformat().encode())
    if isinstance(value, dt.date):
        return msgspec.msgpack.Ext(_DAY, value.isoformat().encode())
    msg = f"{type(value).__name__} in a frame"
    raise NotImplementedError(msg)


def _unpack(code: int, data: memoryview) -> object:
    text = bytes(data).decode()
    return dt.date.fromisoformat(text) if code == _DAY else dt.datetime.fromisoformat(text)


def pack_cell(value: object) -> object:
    """Wrap dates and times for a frame; other values pass.

    Examples
    --------
    >>> pack_cell(1.5)
    1.5
    """
    return _pack(value) if isinstance(value, dt.date) else value


_DECODER = msgspec.msgpack.Decoder(ext_hook=_unpack)


def write_frame(write: Callable[[bytes], object], value: object) -> None:
    """Write one value as a frame: its length in four bytes, then MessagePack."""
    data = msgspec.msgpack.encode(value)
    write(_LENGTH.pack(len(data)))
    write(data)


def read_frames(path: Path) -> Iterator[Any]:
    """Read the frames of a file, one after the other."""
    with path.open("rb") as stream:
        while head := stream.read(_LENGTH.size):
            (length,) = _LENGTH.unpack(head)
            yield _DECODER.decode(stream.read(length))


register(
    {
        "reader_out_of_memory": (
            "Reading the file needs more than {bytes} bytes of memory.",
            "Look for stray cells far from the data, or split the file.",
        ),
        "reader_too_slow": (
            "Reading the file took more than {seconds} seconds.",
            "Split the file, or save it in a simpler format such as CSV or GeoJSON.",
        ),
        "reader_failed": (
            "The file cannot be read: {reason}.",
            "Open it in the program it comes from and save it again.",
        ),
    }
)
