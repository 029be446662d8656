"""Where the tests let a channel pour out the file of a message."""

from dataclasses import dataclass, field

from trunkline.config.errors import TooLarge


@dataclass
class MemorySink:
    """Takes a file into memory."""

    largest: int = 1000
    content: bytearray = field(default_factory=bytearray)

    async def write(self, content: bytes) -> None:
        self.content += content
        if len(self.content) > self.largest:
            raise TooLarge("too much")
