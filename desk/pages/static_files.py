"""Style sheets, scripts and pictures of the pages, served from memory at `/desk/static/{name}`.

They are read and compressed once. `address(name)` carries a mark of the content, and an answer to that address may be
kept for ever; without the mark, or with an old one, it is asked for again each time (ETag, RFC 9110 section 13.1.2).
Only files that lay in the folders at the start are served, each with its media type and `nosniff`; names never become
paths.
"""

import gzip
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web

from ...config.errors import NotFound

PATH = "/desk/static/{name}"

_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class _File:
    content: bytes
    compressed: bytes
    media_type: str
    mark: str


class StaticFiles:
    """The files of some folders, by name; of two with the same name the first counts."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._files: Mapping[str, _File] = _read(folders)

    @property
    def version(self) -> str:
        """A mark that changes with any of the files, so that an open page can know that it is out of date."""
        marks = (f"{name}:{file.mark}" for name, file in sorted(self._files.items()))
        return hashlib.sha256("\n".join(marks).encode()).hexdigest()[:12]

    def address(self, name: str) -> str:
        """Where a page loads the file. Raises KeyError."""
        return f"/desk/static/{name}?v={self._files[name].mark}"

    async def serve(self, request: web.Request) -> web.Response:
        """The aiohttp handler. Raises NotFound."""
        file = self._files.get(request.match_info["name"])
        if file is None:
            raise NotFound("there is nothing at this address")
        compressed = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
        mark = f"{file.mark}{'-gzip' if compressed else ''}"
        headers = {
            hdrs.CACHE_CONTROL: _FOR_EVER if request.query.get("v") == file.mark else "no-cache",
            hdrs.ETAG: f'"{mark}"',
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if any(etag.value in (mark, "*") for etag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        if compressed:
            headers[hdrs.CONTENT_ENCODING] = "gzip"
        body = file.compressed if compressed else file.content
        return web.Response(body=body, content_type=file.media_type, charset="utf-8", headers=headers)


def _read(folders: Iterable[Path]) -> dict[str, _File]:
    files: dict[str, _File] = {}
    for folder in folders:
        for path in sorted(folder.iterdir()):
            if path.suffix in _MEDIA_TYPES and path.name not in files:
                content = path.read_bytes()
                mark = hashlib.sha256(content).hexdigest()[:16]
                files[path.name] = _File(content, gzip.compress(content, mtime=0), _MEDIA_TYPES[path.suffix], mark)
    return files
