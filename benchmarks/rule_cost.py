"""What a decision costs by the number of rules: 10, 100, 1,000 and 10,000, as ratios within one run.

    python -m benchmarks.rule_cost

The rules are mixed as large desks have them: by recipient, by sender or their domain, by words, phrases and beginnings
of words, by pattern, by segment and fields of the customer, and by two of these together; every tenth continues. The
same 200 messages are decided by each set, in turns, so that the machine's moods meet all of them; the median counts.
Every twentieth message is one that rules match. Then: how long the 10,000 take to be read, linted and compiled.
"""

import random
import statistics
import string
import time
from typing import Any

import yaml

from trunkline.config.lint import lint
from trunkline.config.loader import loads
from trunkline.config.settings import Settings
from trunkline.router.facts import Facts
from trunkline.router.rules import Rules

SIZES = (10, 100, 1_000, 10_000)
ROUNDS = 15
_KINDS = ("recipient", "sender", "domain", "word", "phrase", "beginning", "pattern", "segment", "field", "both")


def _letters(rnd: random.Random, length: int) -> str:
    return "".join(rnd.choices(string.ascii_lowercase, k=length))


def when_of(kind: str, number: int) -> dict[str, Any]:
    """The condition of the rule of this number; the same number, the same condition."""
    rnd = random.Random(number)
    word = _letters(rnd, 7)
    conditions: dict[str, dict[str, Any]] = {
        "recipient": {"recipient": f"{word}@desk.example"},
        "sender": {"sender": f"{word}@customer.example"},
        "domain": {"sender": f"@{word}.example"},
        "word": {"keywords": [word, f"{word}s"]},
        "phrase": {"subject_keywords": f"{_letters(rnd, 4)} {word}"},
        "beginning": {"keywords": f"{word}*"},
        "pattern": {"text_regex": rf"\b{word[:4].upper()}-\d{{4,8}}\b"},
        "segment": {"customer": {"segment": word}},
        "field": {"customer": {"contract": word}, "language": "en"},
        "both": {"channel": "mail", "keywords": word, "sender": f"@*.{word[:3]}.example"},
    }
    return conditions[kind]


def configuration(size: int) -> dict[str, Any]:
    """A desk with so many rules."""
    kinds = random.Random(1).choices(_KINDS, weights=(20, 12, 12, 16, 8, 4, 2, 8, 8, 10), k=size)
    kinds[: min(size, len(_KINDS))] = _KINDS[:size]
    rules = [
        {"name": f"rule {n}", "when": when_of(kind, n), "then": {"queue": "support"}, "continue": str(n % 10 == 0)}
        for n, kind in enumerate(kinds)
    ]
    agent = {"name": "Ada", "queues": ["support"], "languages": ["en"]}
    fields = {"contract": {"type": "text"}}
    queues = {"support": {"fallback": "true"}}
    return {"queues": queues, "agents": {"ada": agent}, "customer_fields": fields, "rules": rules}


def messages(count: int) -> list[Facts]:
    """Messages of customers, about 80 words each."""
    rnd = random.Random(2)
    words = [_letters(rnd, rnd.randint(2, 9)) for _ in range(3_000)]
    made = []
    for number in range(count):
        text = rnd.choices(words, k=80)
        if number % 20 == 0:
            text[40] = when_of("word", 3)["keywords"][0]
        made.append(
            Facts(
                channel="mail",
                account="help@desk.example",
                recipients=("help@desk.example",),
                sender=f"{_letters(rnd, 6)}@{_letters(rnd, 8)}.example",
                subject=" ".join(rnd.choices(words, k=6)),
                text=" ".join(text),
                language="en",
                segment=rnd.choice(("", "gold")),
                customer_fields={"contract": "basic"},
                at=1_767_740_400_000,
            )
        )
    return made


def main() -> None:
    """Print the table."""
    sample = messages(200)
    compiled = {size: Rules(Settings.model_validate(configuration(size))) for size in SIZES}
    taken: dict[int, list[float]] = {size: [] for size in SIZES}
    for turn in range(ROUNDS + 1):
        for size, rules in compiled.items():
            begun = time.perf_counter()
            for facts in sample:
                rules.decide(facts)
            if turn:
                taken[size].append((time.perf_counter() - begun) / len(sample) * 1e6)
    medians = {size: statistics.median(times) for size, times in taken.items()}
    print("| rules | per decision | of 10 |\n|---|---|---|")
    for size, microseconds in medians.items():
        print(f"| {size:,} | {microseconds:.0f} µs | {microseconds / medians[SIZES[0]]:.2f} |")
    _compiling()


def _compiling() -> None:
    text = yaml.safe_dump(configuration(SIZES[-1]) | {"channels": {}})
    steps = []
    for name in ("read", "lint", "compile"):
        begun = time.perf_counter()
        if name == "read":
            settings = loads(text, "rules.yaml", {"mail": Settings}, {})
        elif name == "lint":
            lint(settings)
        else:
            Rules(settings).decide(messages(1)[0])
        steps.append(f"{name} {time.perf_counter() - begun:.1f} s")
    print(f"\n{SIZES[-1]:,} rules: {', '.join(steps)}")


if __name__ == "__main__":
    main()
