"""Sentences with the language that each is written in: a file with lines like `[da]` above those of one language."""

from pathlib import Path

CUSTOMERS = Path(__file__).parents[1] / "unit" / "customer_sentences.txt"
UNSEEN = CUSTOMERS.with_name("unseen_sentences.txt")  # nothing was fitted on these


def sentences(file: Path = CUSTOMERS) -> list[tuple[str, str]]:
    """The sentences with the code of their language, without comments (`#`)."""
    found, code = [], ""
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("["):
            code = line.strip("[]")
        elif line and not line.startswith("#"):
            found.append((code, line))
    return found
