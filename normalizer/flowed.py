"""Plain text that is marked `format=flowed` (RFC 3676), its paragraphs put together again.

Apple Mail, Thunderbird and others break long lines with a blank at the end, so that a reader can join them. Joined,
paragraphs read as they were written, and a heading of a quotation stands in one line. Quotation marks are kept.
"""


def unwrap_flowed(text: str, *, delete_space: bool = False) -> str:
    """The text with its soft line breaks taken out; `delete_space` is the parameter `DelSp=yes`."""
    joined: list[str] = []
    pieces: list[str] = []
    level = 0
    for line in text.replace("\r\n", "\n").split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        if pieces and depth != level:
            # RFC 3676 section 4.5: a line that flows into another depth of quotation is taken for a fixed one.
            joined.append(_line(pieces, level))
            pieces = []
        level = depth
        # RFC 3676 section 4.3: the signature line ends in a blank and is fixed all the same.
        if content.endswith(" ") and content != "-- ":
            pieces.append(content[:-1] if delete_space else content)
            continue
        pieces.append(content)
        joined.append(_line(pieces, level))
        pieces = []
    if pieces:
        joined.append(_line(pieces, level))
    return "\n".join(joined)


def _line(pieces: list[str], level: int) -> str:
    text = "".join(pieces)
    return f"{'>' * level} {text}" if level else text
