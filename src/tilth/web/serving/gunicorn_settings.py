"""How gunicorn serves the pages; see https://docs.gunicorn.org/en/stable/settings.html."""

from __future__ import annotations

import gc
import logging
import os
from pathlib import Path
from typing import Any

from tilth.core.problems import Refused
from tilth.web.serving.logs import logging_settings

bind = [os.environ.get("TILTH_BIND", "127.0.0.1:8000")]
workers = int(os.environ.get("TILTH_WORKERS", "2"))
worker_class = "gthread"
threads = 4
preload_app = True  # numbers and words are loaded once and shared by all workers

timeout = 120  # a worker whose every thread hangs is started again
graceful_timeout = 30
keepalive = 5
backlog = 256

limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190

control_socket_disable = True
accesslog = None  # `tilth.web.serving.request_log` writes one line for each request
logconfig_dict = logging_settings(os.environ.get("TILTH_LOG", "info"))
if Path("/dev/shm").is_dir():  # noqa: S108 - a disk that is busy must not make a worker look dead
    worker_tmp_dir = "/dev/shm"  # noqa: S108


def when_ready(server: Any) -> None:
    """Read what every worker needs, and keep it out of the collector's walks: they share it."""
    from tilth.web.ledger import warm  # noqa: PLC0415 - Django is set up by now

    del server
    try:
        warm()
    except Refused as refused:  # each worker tries for itself, and says why in its answers
        codes = ", ".join(one.code for one in refused.problems)
        logging.getLogger("tilth.server").warning("not warmed", extra={"code": codes})
    gc.collect()
    gc.freeze()
