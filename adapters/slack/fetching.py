"""The files of messages: Slack is asked where a file is (`files.info`), and gives it out to whoever shows the token.

A message names some files only by their id (Slack Connect, `check_file_info`), and Slack's servers send whoever may not
have a file to a page for signing in, so all are asked for first: then it is told what is wrong.
"""

from typing import Any

from yarl import URL

from ...config.errors import DeliveryFailed
from ...normalizer.outgoing import Fetched, FileSink
from ...web.slack_api import SlackApi
from ..vendor_files import VendorFiles

_LONGEST_ID = 40


class SlackFiles:
    """The files that one app can see; `place` is where Slack gives them out."""

    def __init__(self, api: SlackApi, place: str, token: str) -> None:
        there = URL(place)
        self._api = api
        self._files = VendorFiles([there.host or ""], allow_private=there.scheme == "http")
        self._headers = {"Authorization": f"Bearer {token}"}

    async def fetch(self, reference: str, into: FileSink) -> Fetched:
        """Pour it out. Raises DeliveryDeferred, CredentialsRefused, DeliveryFailed, TooLarge."""
        if not (reference.isascii() and reference.isalnum() and len(reference) <= _LONGEST_ID):
            raise DeliveryFailed("it has no id of Slack")
        told = (await self._api.call("files.info", {"file": reference}, repeatable=True)).get("file")
        file: dict[str, Any] = told if isinstance(told, dict) else {}
        if file.get("mode") in ("tombstone", "hidden_by_limit") or file.get("is_external"):
            raise DeliveryFailed("it was deleted, lies outside of Slack, or is hidden by the workspace's plan")
        url = file.get("url_private_download") or file.get("url_private")
        if not isinstance(url, str):
            raise DeliveryFailed("Slack does not say where it is")
        fetched = await self._files.get(url, into, headers=self._headers)
        return Fetched(name=str(file.get("name") or fetched.name), media_type=str(file.get("mimetype") or ""))

    async def close(self) -> None:
        """Close connections."""
        await self._files.close()
