"""Files over HTTP: `POST /chat/{site}/files?name=…` takes one, `GET /chat/{site}/files/{sha256}?…` hands one out.

An upload names its visitor by their token, has its room while it is read, and is durable when it is answered 201. What
is handed out leaves as a download that no browser runs, and only to whoever has a link of ours that has not run out.
"""

from aiohttp import hdrs, web

from ...config.errors import NotFound, TooLarge, Unreadable
from ...queue.blobs import Blobs
from ...web.body import read_body
from ...web.downloads import download_blob
from .admission import Visitor
from .close_codes import Unproven, flood
from .door import Door
from .file_links import FileLinks
from .sites import Milliseconds, Site
from .uploads import UploadedFiles

_BEARER = "bearer "


class FileFace:
    """Serves the files of all sites."""

    def __init__(self, door: Door, uploaded: UploadedFiles, blobs: Blobs, links: FileLinks, now: Milliseconds) -> None:
        self._door = door
        self._uploaded = uploaded
        self._blobs = blobs
        self._links = links
        self._now = now

    async def take(self, request: web.Request) -> web.Response:
        """The aiohttp handler of POST. Raises Unproven, TooLarge, Overloaded, and temporary errors."""
        site = self._door.site(request)
        visitor = await self._visitor(request, site)
        caps, limits = self._door.caps(site), site.settings.caps
        if limits.files == 0:
            raise TooLarge("this chat takes no files")
        if (seconds := caps.message(visitor.id)) > 0:
            raise flood(seconds, "too many files of one visitor")
        content = await read_body(request, limits.file, caps.uploading)
        name = request.query.get("name", "")
        file = await self._uploaded.add(visitor, name, request.headers.get(hdrs.CONTENT_TYPE, ""), content)
        return web.json_response(file, status=201)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The aiohttp handler of GET. Raises NotFound, Gone."""
        site, sha256 = request.match_info["site"], request.match_info["sha256"]
        name, expires, mac = (request.query.get(each, "") for each in ("name", "expires", "mac"))
        self._links.check(site, sha256, name, expires, mac, self._now())
        try:
            return await download_blob(request, self._blobs, sha256, name)
        except Unreadable:
            raise NotFound("there is no such file") from None

    async def _visitor(self, request: web.Request, site: Site) -> Visitor:
        header = request.headers.get(hdrs.AUTHORIZATION, "")
        if header[: len(_BEARER)].lower() != _BEARER:
            raise Unproven("an upload needs the visitor's token")
        return await self._door.known(site, header[len(_BEARER) :].strip())
