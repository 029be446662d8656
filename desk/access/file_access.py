"""Which files somebody may send along: what they uploaded, and what stands in a ticket that they see.

A file is named by its hash, and whoever named one beyond their queues would have it in a ticket of theirs. Any other
file is answered like one that is not kept, whatever size is claimed.
"""

from collections.abc import Iterable
from functools import partial

from ...config.errors import NotFound
from ...queue.blobs import no_longer_kept
from ...router.reader import Reader
from ...web.tokens import Principal
from ..stores.uploaded_files import UploadedFiles
from .access import Access


class FileAccess:
    """Decides for one desk."""

    def __init__(self, access: Access, reader: Reader, uploads: UploadedFiles) -> None:
        self._access = access
        self._reader = reader
        self._uploads = uploads

    async def uploaded(self, principal: Principal, sha256: str) -> None:
        """They have uploaded it."""
        await self._uploads.note(self._access.of(principal).who, sha256)

    async def demand(self, principal: Principal, named: Iterable[str]) -> None:
        """Whether they may send these along, by their hashes. Raises Gone."""
        authority = self._access.of(principal)
        if authority.sight is None:
            return
        for sha256 in named:
            if not await self._uploads.has(authority.who, sha256):
                await self._demand_seen(principal, sha256)

    async def _demand_seen(self, principal: Principal, sha256: str) -> None:
        try:
            await self._reader.attachment(sha256, partial(self._access.sees_article, principal))
        except NotFound as error:
            raise no_longer_kept(sha256) from error
