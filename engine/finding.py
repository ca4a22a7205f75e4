"""What is judged of one indicator and of one veto: small tuples, because there are many of them."""

from typing import Literal, NamedTuple

from engine.tree import Leaf, Overrule

State = Literal["settled", "open", "absent", "doubtful"]


class Finding(NamedTuple):
    """One indicator judged: the least and most points, and whether that is settled.

    `absent` and `doubtful` (it is not known whether the indicator applies) only stand where absence takes the
    indicator out of the sum; where absence gives full points or none, the finding is settled or open.
    `mode` says how an absence was treated, `claim` why it was claimed.
    """

    leaf: Leaf
    low: int
    high: int
    state: State
    mode: str = ""
    claim: str = ""


class Ruling(NamedTuple):
    """One veto judged: 是, 否 or not known yet.

    `word` says more: `absent`, it does not apply (then it does not hold); `doubtful`, all is known, but whether
    that is a breach is for a person to say (then it is open).
    """

    veto: Overrule
    holds: bool | None
    word: Literal["", "absent", "doubtful"] = ""
