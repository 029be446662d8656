"""Message-IDs as mail really carries them: in brackets or without, several in a row, folded in the middle.

`parse_ids` never raises. An id is kept as it was written, without brackets and without the line break of a fold,
because it is only ever compared with ids written by the same software. What is longer than a line may be is no id
(RFC 5322 section 2.1.1).
"""

import re

from ...normalizer.encoded_words import decode_escapes

LONGEST = 998

_BRACKETED = re.compile(r"<([^<>]*)(?:>|\Z)")
_FOLD = re.compile(r"[ \t]*[\r\n]+[ \t]*")


def parse_ids(header: str) -> list[str]:
    """All ids of Message-ID, In-Reply-To or References, in order; words beside bracketed ids are prose and no ids."""
    text = decode_escapes(header)
    if "<" in text:
        found = [_FOLD.sub("", match[1]).strip() for match in _BRACKETED.finditer(text)]
    else:
        found = text.replace(",", " ").replace(">", " ").split()
    return list(dict.fromkeys(one for one in found if 0 < len(one) <= LONGEST))
