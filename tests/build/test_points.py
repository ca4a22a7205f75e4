"""What shapes give for answers, worked out by hand; points are hundredths."""

import pytest
from gallery import BASICS, LICENCE, points_of, said_of

STAFF = {"canteen.staff": 8, "canteen.trained": 6, "canteen.complaints": 3, "canteen.waste": "5%"}


@pytest.mark.parametrize(
    ("score", "points"),
    [
        ("[{points: 4, when: {canteen.staff: 9}}, {points: 2, when: {canteen.staff: 8}}, {points: 1}]", 200),
        ("{steps: [{points: 4, when: {canteen.staff: 9}}, {points: 1}]}", 100),
        ("{points: 3, when: {canteen.staff: 8}}", 300),
        ("{each: canteen.complaints, points: 1, up_to: 4}", 300),
        ("{each: canteen.complaints, points: 2, up_to: 4}", 400),
        ("{each: canteen.complaints, over: 1, points: 1, up_to: 4}", 200),
        ("{each: canteen.complaints, under: 5, points: 1, up_to: 4}", 200),
        ("{each: canteen.complaints, under: canteen.trained, points: 1, up_to: 4}", 300),
        ("{each: canteen.waste, over: 2%, per: 2%, points: 1, up_to: 4}", 100),
        ("{each: canteen.waste, over: 2%, per: 2%, part: counts, points: 1, up_to: 4}", 200),
        ("{each: canteen.trained_rate, over: 70%, per: 2%, points: 1, up_to: 4}", 200),
        ("{each: canteen.trained_rate, over: canteen.waste, per: 20%, points: 1, up_to: 4}", 300),
        ("{each: canteen.complaints, base: {at: 2, points: 3}, points: 0.5, up_to: 4}", 350),
        ("{each: canteen.complaints, base: {at: 4, points: 3}, points: 0.5, up_to: 4}", 0),
        ("{deduct_from: 4, items: [{each: canteen.complaints, points: 1}, {points: 0.5, when: {canteen.staff: 8}}]}", 50),
        ("{deduct_from: 4, items: [{each: canteen.complaints, points: 2}]}", 0),
        ("{items: [{points: 1, when: {canteen.staff: 8}}, {points: 2, when: {canteen.staff: 9}}]}", 100),
        ("{items: [{when: {canteen.staff: 8}}, {when: {canteen.complaints: 3}}, {when: {canteen.staff: 9}}], by_count: {3: 4, 2: 2.5}}", 250),
        ("{linear: canteen.trained_rate, from: [50%, 0], to: [100%, 4]}", 200),
        ("{linear: canteen.trained_rate, from: [canteen.waste, 0], to: [100%, 4]}", 295),
        ("{linear: canteen.trained_rate, from: [canteen.waste, 0], to: [100%, 4], round: down, step: 0.5}", 250),
        ("{linear: canteen.trained_rate, from: [0%, 0], to: [canteen.waste, 4]}", 400),
        ("{linear: canteen.waste, from: [0%, 0], to: [canteen.trained_rate, 4], step: 0.01}", 27),
        ("{linear: canteen.complaints, from: [0, 4], to: [canteen.trained, 0]}", 200),
        ("{linear: canteen.complaints, through: [[0, 0], [2, 4], [4, 1]]}", 250),
        ("{parts: [{each: canteen.complaints, points: 1}, {points: 3}], up_to: 4}", 400),
        ("{best_of: [{each: canteen.complaints, points: 1}, {points: 1}]}", 300),
        ("{worst_of: [{each: canteen.complaints, points: 1}, {points: 1}]}", 100),
    ],
)  # fmt: skip
def test_shape_gives(score, points):
    assert points_of(score, STAFF) == (points, points)


def test_parts_of_a_shape_that_cannot_be_built_are_told_each_by_its_own():
    wrong = (
        "{each: canteen.nothing, points: 1}",
        "{linear: canteen.void, from: [0, 0], to: [1, 1]}",
        "{linear: 1, from: [canteen.nil, 0], to: [1, 1]}",
        "{items: [{when: {canteen.licence: 3}}], by_count: {1: 4}}",
        "{each: canteen.staff, over: canteen.none, points: 1}",
        "{items: [{points: 1, when: {canteen.kind: 自赢}}]}",
        "{deduct_from: 4, items: [{each: canteen.zero, points: 1}]}",
        "{parts: [{worst_of: [{points: 1}, {each: canteen.naught, points: 1}]}]}",
    )
    said = said_of((BASICS, LICENCE, f"score: {{best_of: [{', '.join(wrong)}]}}"))
    assert len(said) == len(wrong)
