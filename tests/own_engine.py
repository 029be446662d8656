"""An engine for one process that plays: with the settings of the embedded one, but it keeps nothing on the disk."""

import atexit
import functools
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from trunkline.queue.engine_server import arguments
from trunkline.queue.server_binary import find

MEMORY = 4 << 30


@functools.cache
def engine_url() -> str:
    """An engine that ends with this process."""
    folder = Path(tempfile.mkdtemp(prefix="tl-"))
    words = [str(find().path), *arguments(folder, folder / "redis.sock", MEMORY), "--appendonly", "no"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(process.wait)
    atexit.register(process.kill)
    url = f"unix://{folder}/redis.sock"
    while process.poll() is None:
        with suppress(RedisError, OSError):
            Redis.from_url(url).ping()
            return url
        time.sleep(0.02)
    raise SystemExit(f"the engine ended with {process.returncode}")
