"""What conditions ask, what they make of answers, and that `not` is exactly the other way round."""

import pytest
from gallery import holds

ANSWERS = {
    "canteen.licence": True,
    "canteen.staff": 8,
    "canteen.trained": 6,
    "canteen.kind": "自营",
    "canteen.rules": ["进货", "留样"],
    "canteen.opened": "2023-06-30",
    "canteen.inspected": "2024-01-01 08:00",
    "canteen.waste": "5%",
    "canteen.complaints": 6,
    "canteen.story": {"value": "有", "evidence": ["总结"]},
}


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("{canteen.licence: true}", True),
        ("{canteen.licence: {equals: false}}", False),
        ("{canteen.staff: 8}", True),
        ("{canteen.staff: {at_least: 8, less_than: 8.5}}", True),
        ("{canteen.staff: {more_than: 8}}", False),
        ("{canteen.staff: {at_most: canteen.trained}}", False),
        ("{canteen.trained: canteen.complaints}", True),
        ("{canteen.waste: {at_most: 5%}}", True),
        ("{canteen.waste: {less_than: 0.05}}", False),
        ("{canteen.trained_rate: {equals: 75%}}", True),
        ("{canteen.trained_rate: {more_than: canteen.waste}}", True),
        ("{canteen.waste: {less_than: canteen.trained_rate}}", True),
        ("{canteen.kind: 自营}", True),
        ("{canteen.kind: {equals: 承包}}", False),
        ("{canteen.kind: {one_of: [自营, 承包]}}", True),
        ("{canteen.kind: {none_of: [自营, 承包]}}", False),
        ("{canteen.kind: {one_of: [自营, 承包], none_of: [承包]}}", True),
        ("{canteen.rules: {includes: 进货}}", True),
        ("{canteen.rules: {includes: [进货, 清洗]}}", False),
        ("{canteen.rules: {at_least: 2}}", True),
        ("{canteen.opened: 2023-06-30}", True),
        ("{canteen.opened: {before: 2023-06-30}}", False),
        ("{canteen.opened: {after: 2023-06-29}}", True),
        ("{canteen.opened: {at_least: 2023-06-30, at_most: 2023-06-30}}", True),
        ("{canteen.opened: {within_months: 12}}", True),
        ("{canteen.opened: {within_months: 11}}", False),
        ("{canteen.opened: {older_than_months: 12}}", True),
        ("{canteen.opened: {older_than_months: 13}}", False),
        ("{canteen.inspected: {before: 2024-01-01 08:01}}", True),
        ("{canteen.inspected: {at_least: 2024-01-01 08:01}}", False),
        ("{evidenced: canteen.story}", True),
        ("{evidenced: canteen.licence}", False),
        ("{all: [{canteen.staff: 8}, {canteen.licence: true}]}", True),
        ("{any: [{canteen.staff: 9}, {canteen.licence: true}]}", True),
        ("{any: [{canteen.staff: 9}]}", False),
    ],
)
def test_condition_holds(when, expected):
    assert holds(when, ANSWERS) is expected
    assert holds(f"{{not: {when}}}", ANSWERS) is not expected
    assert holds(f"{{not: {{not: {when}}}}}", ANSWERS) is expected


@pytest.mark.parametrize(
    ("when", "answers", "expected"),
    [
        ("{canteen.licence: true}", {}, None),
        ("{canteen.staff: {at_least: 1}}", {}, True),
        ("{canteen.trained: {at_most: canteen.staff}}", {}, True),
        ("{canteen.trained_rate: {at_most: 100%}}", {}, True),
        ("{any: [{canteen.licence: true}, {canteen.licence: false}]}", {}, True),
        ("{canteen.kind: {none_of: [承包]}}", {}, True),
    ],
)
def test_condition_is_open_until_every_answer_would_lead_to_the_same(when, answers, expected):
    assert holds(when, answers) is expected
