"""How much of a mail is read; more than this no person writes, and what is not read cannot hurt.

Over a limit that makes the mail unreadable it is set aside whole (`Unreadable`); over a limit that only cuts, the rest
stays in the raw bytes, which are always kept. Archives are never opened.
"""

PARTS = 1000  # leaves and containers together; more is unreadable
DEPTH = 20  # containers within containers; deeper is unreadable
HEADER_BLOCK = 256 * 1024  # the headers of one part; longer is unreadable
HEADERS = 1024 * 1024  # all headers of the mail together; more is unreadable
HEADER_LINES = 20_000  # lines of all of them; more is unreadable
HEADER = 16 * 1024  # one header; what is longer is cut
ADDRESSES = 500  # people copied; further ones are left out
TEXT = 1024 * 1024  # characters of text, and of HTML; what is longer is cut
THREAD = 100  # thread keys looked for; older references are left out
HOPS = 100  # Received headers; more is a loop (RFC 5321 section 6.3)
