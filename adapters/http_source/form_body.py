"""The body of a form as a browser sends it (URL standard, section 5.1)."""

from urllib.parse import parse_qsl

from ...config.errors import Refused

MEDIA_TYPE = "application/x-www-form-urlencoded"

_MOST_FIELDS = 50


def form_values(body: bytes) -> dict[str, str]:
    """The fields of a urlencoded body; of a repeated one the last. Raises Refused."""
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
            strict_parsing=bool(body),
        )
    except ValueError as error:
        raise Refused("the body is not a form in UTF-8") from error
    return dict(pairs)
