"""Files to Slack: an address is asked for, the bytes go there, and all files of an answer are shared at once.

After "files.getUploadURLExternal" and "files.completeUploadExternal". Until it is shared nobody sees a file, so
uploading one again does no harm. The address is Slack's own, and holds a secret; it is never told.
"""

from collections.abc import Mapping, Sequence

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar

from ...config.errors import DeliveryDeferred, DeliveryFailed
from ...normalizer.envelope import Attachment
from ...web.slack_api import SlackApi

_PATIENCE = ClientTimeout(total=120, sock_connect=10)


class Uploads:
    """Uploads with one app's token."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._session: ClientSession | None = None

    async def upload(self, file: Attachment, content: bytes) -> str:
        """Give Slack the bytes; its id of the file. Raises DeliveryDeferred, CredentialsRefused, DeliveryFailed."""
        if not content:
            raise DeliveryFailed(f"the file {file.name} is empty, and Slack takes no empty files")
        asked = {"filename": file.name, "length": str(len(content))}
        told = await self._api.call("files.getUploadURLExternal", asked, repeatable=True)
        url, id_ = told.get("upload_url"), told.get("file_id")
        if not isinstance(url, str) or not isinstance(id_, str):
            raise DeliveryDeferred("Slack does not say where files go")
        try:
            async with self._opened().post(url, data=content, allow_redirects=False) as response:
                status = response.status
        except (ClientError, OSError, ValueError) as error:
            raise DeliveryDeferred(f"Slack did not take the file {file.name} ({type(error).__name__})") from None
        if status != 200:
            raise DeliveryDeferred(f"Slack did not take the file {file.name} ({status})")
        return id_

    async def share(self, place: Mapping[str, str], ids: Sequence[str], names: Sequence[str]) -> None:
        """Show them in a channel or thread. Raises DeliveryUnknown as well."""
        where = {"channel_id": place["channel"], "thread_ts": place.get("thread_ts")}
        files = [{"id": id_, "title": name} for id_, name in zip(ids, names, strict=True)]
        await self._api.call("files.completeUploadExternal", {"files": files, **where})

    async def close(self) -> None:
        """Close connections."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    def _opened(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(timeout=_PATIENCE, cookie_jar=DummyCookieJar())
        return self._session
