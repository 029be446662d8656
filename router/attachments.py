"""Files that agents and systems send along: taken as bytes beforehand, named by their hash afterwards.

`store` writes a file as a blob that nobody needs yet; it stays for at least an hour. Who names it in a message within
that time keeps it, in the step that adds the message. `check` looks whether everything named can be sent: the file is
still there, it has the size that is said, and all together are within the limits of the configuration. Names and media
types are data of strangers, made safe to show and to send.
"""

from collections.abc import Callable, Sequence

from ..config.desk_settings import AttachmentSettings
from ..config.errors import Invalid, TooLarge
from ..normalizer.envelope import Attachment
from ..normalizer.safe_names import safe_media_type, safe_name
from ..queue.blobs import Blobs


class Attachments:
    """The files of outgoing messages."""

    def __init__(self, files: Blobs, limits: Callable[[], AttachmentSettings]) -> None:
        self._files = files
        self._limits = limits

    async def store(self, content: bytes, *, name: str, media_type: str) -> Attachment:
        """Take a file; durable when it returns. Raises TooLarge, and Invalid for an empty one."""
        limit = self._limits().size
        if not content:
            raise Invalid("the file is empty", field="file")
        if len(content) > limit:
            raise TooLarge(f"the file is over {limit} bytes")
        sha = await self._files.put(content)
        return Attachment(name=safe_name(name), media_type=safe_media_type(media_type), size=len(content), sha256=sha)

    async def check(self, named: Sequence[Attachment]) -> list[Attachment]:
        """The same files as they are sent. Raises Invalid, and Gone when one must be uploaded again."""
        limits = self._limits()
        if len(named) > limits.count:
            raise Invalid(f"at most {limits.count} files go with one message", field="attachments")
        if sum(each.size for each in named) > limits.total:
            raise Invalid(f"the files are over {limits.total} bytes together", field="attachments")
        return [await self._checked(each) for each in named]

    async def _checked(self, named: Attachment) -> Attachment:
        size = await self._files.keep(named.sha256)
        if size != named.size:
            raise Invalid(f"{safe_name(named.name)} has {size} bytes, not {named.size}", field="attachments")
        return Attachment(
            name=safe_name(named.name), media_type=safe_media_type(named.media_type), size=size, sha256=named.sha256
        )
