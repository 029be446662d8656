"""Files of messages: asked for by their ids, then fetched from where the Bot API says that they lie.

The address of a file holds the token and is good for an hour, so it is asked for each time and never kept. Telegram
gives a bot at most 20 MB of a file. Limits: a Bot API server of your own must not run with `--local`, where files are
paths on its own disk.
"""

from urllib.parse import quote

from yarl import URL

from ...config.errors import CredentialsRefused, DeliveryDeferred, DeliveryFailed
from ...normalizer.outgoing import Fetched, FileSink
from ..vendor_files import VendorFiles
from .bot_api import BotApi


class TelegramFiles:
    """The files that one bot was sent."""

    def __init__(self, api: BotApi, base: str, token: str) -> None:
        there = URL(base)
        self._api = api
        self._address = f"{base}/file/bot{token}/"
        self._files = VendorFiles([there.host or ""], allow_private=there.scheme == "http")

    async def fetch(self, file_id: str, into: FileSink) -> Fetched:
        """Pour out a file. Raises DeliveryDeferred, DeliveryFailed, and what the sink raises."""
        try:
            file = await self._api.raw("getFile", {"file_id": file_id})
        except CredentialsRefused as error:  # the file is there when the token is put right
            raise DeliveryDeferred(error.detail) from None
        path = file.get("file_path") if isinstance(file, dict) else None
        if not isinstance(path, str) or path.startswith("/") or ".." in path:
            raise DeliveryFailed("Telegram does not say where the file is")
        return await self._files.get(self._address + quote(path), into)

    async def close(self) -> None:
        """Close connections."""
        await self._files.close()
