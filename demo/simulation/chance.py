"""Chance, repeatable: every decision has dice of its own, drawn from the seed and from what is decided about.

Nothing depends on how often somebody else has thrown, so the same seed gives the same decisions in whatever order the
occasions come. Which agent gets a ticket is the router's decision and depends on who is free at that moment.
"""

from random import Random


def chance(seed: int, *about: object) -> Random:
    """The dice for one decision: the same seed and the same occasion always fall the same way."""
    return Random("\x1f".join(map(str, (seed, *about))))  # noqa: S311  (a demo, not a secret)
