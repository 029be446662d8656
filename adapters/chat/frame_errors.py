"""What is refused without ending the connection: a frame back that names the reason, in plain words and as a code."""

from typing import Any


class FrameRefused(Exception):
    """A frame that is well formed but cannot be carried out; the connection stays."""

    def __init__(self, code: str, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after

    def frame(self, id_: str | None = None) -> dict[str, Any]:
        """The frame; `id_` names the message that is refused."""
        about = {} if id_ is None else {"id": id_}
        again = {} if self.retry_after is None else {"retry_after": self.retry_after}
        return {"type": "refused", **about, "code": self.code, "detail": self.detail, **again}
