"""Priority by impact and urgency: 1×1 is priority 1, 3×3 is priority 4 (ITIL's usual matrix). Pure."""

_MIDDLE = 2


def priority_of(impact: int | None, urgency: int | None) -> int | None:
    """The priority where one of them is known, the other counting as in the middle; None where neither is."""
    if impact is None and urgency is None:
        return None
    return {2: 1, 3: 2, 4: 3}.get((impact or _MIDDLE) + (urgency or _MIDDLE), 4)
