"""A round in review as the visitors of pages need it: people by name, a clock, and universities with results."""

from types import SimpleNamespace

from tests.portal.in_review import GOOD, in_review, reviewed


def house(folder):
    """Return a world, and the same as a desk that pages can be visited in."""
    world = in_review(folder)
    return world, SimpleNamespace(portal=world.portal, people=world.people, time=[world.clock()])


def another(world, code, **more):
    """Let another university go as far as the end of its review."""
    case = world.university(code, {**GOOD, **more})
    world.assign(case, "张三", "李四")
    world.hand_in(code)
    world.go(case, "评审中")
    return reviewed(world, code)
