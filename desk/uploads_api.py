"""Files over HTTP: taken first, and named afterwards in the message that they go with.

The body of the request is the file itself. What no message has named within an hour is removed again. A hash that
somebody else uploaded, or that stands in a ticket that is not seen, is of no use (access/file_access.py).
"""

from typing import Annotated

from pydantic import BaseModel, Field

from ..config.errors import Overloaded
from ..router.actions import Actions
from ..router.policy import CurrentPolicy
from ..web.body import read_body
from ..web.operations import Answer, Call, Operation
from ..web.places import Places
from .access.file_access import FileAccess
from .request_fields import FileName, RequestModel

AT_ONCE = 8  # files being written; what is on its way to us has its own bounds (web/bodies.py)


class UploadQuery(RequestModel):
    """What the file is called."""

    name: FileName


class UploadedFile(BaseModel):
    """A file that was taken, as a message's `attachments` name it."""

    sha256: str
    name: str = Field(description="The name, made safe to show.")
    media_type: Annotated[str, Field(description="From Content-Type; `application/octet-stream` when it is none.")]
    size: int = Field(description="Bytes.")


class UploadsApi:
    """The operation on files."""

    def __init__(self, actions: Actions, policy: CurrentPolicy, files: FileAccess) -> None:
        self._actions = actions
        self._files = files
        self._policy = policy
        self._room = Places(AT_ONCE)

    def operations(self) -> list[Operation]:
        """What is offered at `/v1/attachments`."""
        return [
            Operation(
                method="POST",
                path="/v1/attachments",
                handler=self.upload,
                scope="tickets:write",
                tag="articles",
                summary="Upload a file to send along",
                description="The body is the file. Name it in `attachments` of a message within an hour.",
                status=201,
                takes="*/*",
                raises=(Overloaded,),
            )
        ]

    async def upload(self, call: Call, query: UploadQuery) -> Answer[UploadedFile]:
        """Take a file."""
        content = await read_body(call.request, self._policy().settings.attachments.size)
        media_type = call.request.headers.get("Content-Type", "")
        with self._room.held():
            file = await self._actions.upload(content, name=query.name, media_type=media_type)
        await self._files.uploaded(call.principal, file.sha256)
        return Answer(UploadedFile(sha256=file.sha256, name=file.name, media_type=file.media_type, size=file.size))
