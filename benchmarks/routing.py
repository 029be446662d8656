"""The router beside what products do and beside what theory allows, on the same arrivals of `routing_sim`.

    python -m benchmarks.routing [--engine lua|model|both] [--seeds 1-5] [--scale 1] [--processes 2] [SCENARIO …]

SCENARIO is the first letter of its name: a, b, b2, c, d, e, f, g. The simulator lies beside the repository in
`shared/`, or where ROUTING_SIM says; it needs numpy. Prints how the policies did, means over the seeds, then every goal
with whether it was met; ends with 1 when one was not. Goals are ratios on identical paths. `--scale 0.3` plays less
than a third of the time and takes as little; seeds 11-15 are never tuned on. Ours are the router's scripts in an
engine, or the pure model, which takes the same decisions in a fraction of the time; `both` ends where they differ. The
bound of e and g is the model's.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

SIMULATOR = Path(os.environ.get("ROUTING_SIM", Path(__file__).parents[2] / "shared"))
NAMES = {
    "a": "a_homogeneous",
    "b": "b_skills",
    "b2": "b2_skill_levels",
    "c": "c_chat",
    "d": "d_sla_mix",
    "e": "e_day_burst",
    "f": "f_sticky",
    "g": "g_no_response",
}
SHOWN = {"allwait_mean": "wait", "sys_mean": "in system", "miss": "missed", "wmiss": "weighted", "abandon": "left",
         "util_gini": "Gini", "sticky": "same agent"}  # fmt: skip
OURS, BOUND = "trunkline", "bound"

Means = Mapping[str, float]


class Run(NamedTuple):
    """One policy on one path."""

    scenario: str
    policy: str
    seed: int
    scale: float
    engine: str


class Goal(NamedTuple):
    """What was reached of what was aimed at."""

    scenario: str
    what: str
    reached: float
    aim: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether it was."""
        return self.reached >= self.aim if self.at_least else self.reached <= self.aim


def simulator(module: str) -> Any:
    """A module of the simulator."""
    if str(SIMULATOR) not in sys.path:
        sys.path.insert(0, str(SIMULATOR))
    return importlib.import_module(f"routing_sim.{module}")


def policies(scenario: str) -> list[str]:
    """What is played on a scenario; the bound is our rule where everybody can do all, or is known to be there."""
    peers = ["round robin push", "least loaded push", "longest idle pull"]
    peers += {"f": ["known agent pull"], "g": ["pull with offers"]}.get(scenario, [])
    return [*peers, OURS, *([BOUND] if scenario in "eg" else [])]


def policy_of(run: Run) -> Any:
    """A fresh policy."""
    peers = simulator("policies.peers")
    if run.policy in (OURS, BOUND):
        made = importlib.import_module("benchmarks.routing_policy")
        factories = {"lua": made.factory, "model": made.factory_of_model, "both": made.factory_of_both}
        return factories[run.engine if run.policy == OURS else "model"]()
    cap: Any = "slots" if run.scenario == "c" else 5
    makers: Mapping[str, Callable[[], Any]] = {
        "round robin push": lambda: peers.RoundRobinPush(cap="slots" if run.scenario == "c" else 3, inbox="prio"),
        "least loaded push": lambda: peers.LeastLoadedPush(cap=cap, inbox="prio"),
        "longest idle pull": peers.LongestIdlePull,
        "known agent pull": lambda: peers.KnownAgentPull(hold=2),
        "pull with offers": lambda: peers.LongestIdlePull(offer_timeout=2.0),
    }
    return makers[run.policy]()


def play(run: Run) -> dict[str, float]:
    """What a policy came to on one path."""
    more = {"afk_visible": True} if (run.policy, run.scenario) == (BOUND, "g") else {}
    pooled = (run.policy, run.scenario) == (BOUND, "e")
    path = simulator("scenario").load(NAMES[run.scenario], run.seed, run.scale, pooled, **more)
    result = {
        name: value
        for name, value in simulator("metrics").collect(simulator("engine").Engine(path, policy_of(run)).run()).items()
        if value is not None
    }
    if run.policy == OURS and run.scenario in "cd":
        result |= {"c": chat_bound, "d": clairvoyant}[run.scenario](path)
    return result


def chat_bound(path: Any) -> dict[str, float]:
    """The least time in the system, and the least share that leaves, when work could be moved between agents."""
    bounds = simulator("bounds")
    rate, slots = bounds.concurrency_rate(path.agents), sum(agent.slots for agent in path.agents)
    arrivals, patience = path.spec["arrivals"]["rate"], path.spec["classes"][0]["patience"]
    work = path.spec["classes"][0]["work"]
    there, waiting = bounds.birth_death(arrivals, lambda k: rate(k) / work, theta=1 / patience, n_start=slots)
    return {"bound_time": there / arrivals, "bound_left": waiting / patience / arrivals}


def clairvoyant(path: Any) -> dict[str, float]:
    """The least weight of promises that are missed by whoever knows the future."""
    bounds = simulator("bounds")
    tickets = path.tickets
    arrivals = [ticket.t_arr for ticket in tickets]
    weights = [path.prio_weights[ticket.prio] for ticket in tickets]
    epochs = bounds.start_epochs(arrivals, [ticket.work for ticket in tickets], len(path.agents))
    kept = bounds.weighted_slots(arrivals, [ticket.deadline for ticket in tickets], weights, epochs)
    counted = [at for at, ticket in enumerate(tickets) if ticket.t_arr >= path.warmup]
    missed = sum(weights[at] for at in counted if not kept[at])
    return {"bound_weighted": missed / sum(weights[at] for at in counted)}


def goals(means: Mapping[tuple[str, str], Means]) -> Iterator[Goal]:
    """Every goal of the scenarios that were played."""

    def ratio(scenario: str, peer: str, metric: str = "allwait_mean") -> float:
        ours, theirs = means[scenario, OURS][metric], means[scenario, peer][metric]
        return ours / theirs if theirs else float(ours > 0)

    pull = "longest idle pull"
    played = {scenario for scenario, _ in means}
    if "a" in played:
        yield Goal("a", "wait, of pull", ratio("a", pull), 1.01)
        yield Goal("a", "missed, of pull", ratio("a", pull, "miss"), 0.35)
    if "b" in played:
        yield Goal("b", "wait, of pull", ratio("b", pull), 0.97)
        yield Goal("b", "missed", means["b", OURS]["miss"], 0.0035)
        yield Goal("b", "Gini of utilisation", means["b", OURS]["util_gini"], 0.026)
    if "b2" in played:
        yield Goal("b2", "wait, of pull", ratio("b2", pull), 0.90)
        yield Goal("b2", "missed, of pull", ratio("b2", pull, "miss"), 0.40)
    if "c" in played:
        ours = means["c", OURS]
        yield Goal("c", "time in system, of the bound", ours["sys_mean"] / ours["bound_time"], 1.04)
        yield Goal("c", "left", ours["abandon"], 0.0115)
    if "d" in played:
        ours = means["d", OURS]
        yield Goal("d", "weighted missed, of clairvoyant", ours["wmiss"] / ours["bound_weighted"], 2.0)
        yield Goal("d", "missed of priority 1", ours["miss_p1"], 0.0015)
    if "e" in played:
        yield Goal("e", "wait, of the bound", ratio("e", "bound"), 1.30)
        yield Goal("e", "missed", means["e", OURS]["miss"], 0.052)
        yield Goal("e", "left", means["e", OURS]["abandon"], 0.031)
    if "f" in played:
        yield Goal("f", "wait, of known agent", ratio("f", "known agent pull"), 0.75)
        yield Goal("f", "same agent", means["f", OURS]["sticky"], 0.34, at_least=True)
    if "g" in played:
        yield Goal("g", "wait, of the bound", ratio("g", "bound"), 1.06)
        yield Goal("g", "missed", means["g", OURS]["miss"], 0.008)


def mean_of(results: Sequence[Mapping[str, float]]) -> Means:
    """Means over the seeds."""
    return {name: sum(each[name] for each in results) / len(results) for name in results[0]}


def tell(means: Mapping[tuple[str, str], Means]) -> bool:
    """Print the tables; whether every goal was met."""
    for scenario in dict.fromkeys(name for name, _ in means):
        print(f"\n### {NAMES[scenario]}\n\n| policy | {' | '.join(SHOWN.values())} |\n|---|{'---|' * len(SHOWN)}")
        for policy in policies(scenario):
            cells = (means[scenario, policy].get(name) for name in SHOWN)
            print(f"| {policy} | {' | '.join('' if value is None else f'{value:.4g}' for value in cells)} |")
    print("\n| scenario | goal | reached | aim | |\n|---|---|---|---|---|")
    told = list(goals(means))
    for goal in told:
        aim = f"{'≥' if goal.at_least else '≤'} {goal.aim}"
        met = "met" if goal.met else "**not met**"
        print(f"| {goal.scenario} | {goal.what} | {goal.reached:.4g} | {aim} | {met} |")
    return all(goal.met for goal in told)


def main() -> int:
    """Play everything and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=("lua", "model", "both"), default="lua")
    parser.add_argument("--seeds", default="1-5")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    words = parser.parse_args()
    first, _, last = words.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    runs = [
        Run(scenario, policy, seed, words.scale, words.engine)
        for scenario in words.scenarios or NAMES
        for policy in policies(scenario)
        for seed in seeds
    ]
    with ProcessPoolExecutor(words.processes) as pool:
        results = list(zip(runs, pool.map(play, runs), strict=True))
    of: dict[tuple[str, str], list[dict[str, float]]] = {}
    for run, result in results:
        of.setdefault((run.scenario, run.policy), []).append(result)
    return 0 if tell({key: mean_of(each) for key, each in of.items()}) else 1


if __name__ == "__main__":
    sys.exit(main())
