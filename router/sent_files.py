"""The files of answers, for those who carry them to customers."""

from ..config.errors import NotFound
from ..normalizer.envelope import Attachment
from .reader import Reader


class SentFiles:
    """Finds them."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def file(self, article: str, sha256: str) -> Attachment:
        """The file with this digest of an answer of ours. Raises NotFound, also for any other article."""
        stored = await self._reader.stored_article(article)
        if stored is not None and stored.record.kind == "reply" and stored.record.erased_at is None:
            for file in stored.record.attachments:
                if sha256 and file.sha256 == sha256:
                    return file
        raise NotFound("there is no such file")
