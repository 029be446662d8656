"""How a demo runs: how fast, how long, with which seed, with how many customers, and which agent a person can be."""

from dataclasses import dataclass

A_MINUTE_FOR_AN_AGENT = 2.6  # customers; keeps simulated agents busy, and lets some customers wait


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """What `trunkline demo` is given."""

    speed: float = 1.0
    duration: float | None = None
    """Seconds on the clock; None for without end."""
    seed: int = 1
    customers: float | None = None
    """Customers in a minute of the demo; None for as many as the agents can bear."""
    me: str | None = None
    """The agent whom the person who looks on can be; None for ada, or else the first."""
    hold: bool = False
    """At the end everybody stands still, and the gateway goes on, so that the state can be looked at."""

    def seconds(self, of_life: float) -> float:
        """How long something takes here that takes so many seconds at speed 1."""
        return of_life / self.speed

    def customers_a_minute(self, agents: int) -> float:
        """How many customers come in a minute of the demo."""
        return self.customers if self.customers is not None else A_MINUTE_FOR_AN_AGENT * max(1, agents)

    def person_agent(self, agents: list[str]) -> str:
        """The agent whom a person can be; empty when there is none of that name."""
        if self.me is not None:
            return self.me if self.me in agents else ""
        return "ada" if "ada" in agents else next(iter(agents), "")
