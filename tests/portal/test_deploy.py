"""What is handed out to run the portal names settings, commands and files that there are, and holds no secret."""

import re
from pathlib import Path

import pytest
import yaml

from portal.command import COMMANDS
from portal.settings import NAMES, SECRETS, read_settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


def settings_in(text):
    return set(re.findall(r"ZHUNSHENG_([A-Z_]+[A-Z])", text)) - {"SETTINGS"}


def known(name):
    return name in NAMES or (name.endswith("_FILE") and name.removesuffix("_FILE") in SECRETS)


@pytest.mark.parametrize("path", [*FILES, ROOT / "docs" / "operations.md"], ids=lambda path: path.name)
def test_every_setting_named_is_one(path):
    assert not [name for name in settings_in(path.read_text("utf-8")) if not known(name)]


def test_the_page_explains_every_setting_and_every_command():
    assert not [name for name in NAMES if f"`ZHUNSHENG_{name}`" not in PAGE]
    ours = [name for name, module in COMMANDS.items() if module.startswith("portal.command")]
    assert not [name for name in ours if f"zhunsheng {name}" not in PAGE]


def test_every_command_named_is_one():
    for path in [*FILES, ROOT / "docs" / "operations.md"]:
        for name in re.findall(
            r"(?:bin/|^|[`,\[ ])zhunsheng,? ([a-z]+)\b", path.read_text("utf-8"), re.MULTILINE
        ):
            assert name in {*COMMANDS, "zhunsheng"}, (path.name, name)


def test_links_of_the_page_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
    for anchor in re.findall(r"\]\(#([^)]+)\)", PAGE):
        titles = [
            re.sub(r"[^\w-]", "", line.lstrip("# ").replace(" ", "-").lower()) for line in PAGE.splitlines()
        ]
        assert anchor in titles, anchor


def test_the_settings_of_one_machine_are_read():
    found, problems = read_settings({"ZHUNSHENG_SETTINGS": str(DEPLOY / "zhunsheng.env")})
    assert not problems, problems
    assert found.host == "127.0.0.1"


def test_two_replicas_share_a_store_and_evidence(compose):
    replicas = [one for name, one in compose["services"].items() if name.startswith("app-")]
    assert len(replicas) == 2
    for one in replicas:
        assert one["command"] == ["zhunsheng", "serve"]
        assert one["environment"]["ZHUNSHENG_EVIDENCE"].startswith("s3://")
        assert "ZHUNSHENG_DATABASE_FILE" in one["environment"]
        assert one["depends_on"]["init"]["condition"] == "service_completed_successfully"
        assert "ports" not in one
    assert {"proxy", "database", "evidence", "init", "backup"} <= set(compose["services"])
    assert "app-1:8501 app-2:8501" in (DEPLOY / "Caddyfile").read_text("utf-8")


def test_only_the_proxy_can_be_reached_from_outside(compose):
    assert [name for name, one in compose["services"].items() if "ports" in one] == ["proxy"]


def test_no_secret_is_written_down(compose):
    for one in compose["services"].values():
        for name, value in one.get("environment", {}).items():
            assert not re.search(r"SECRET$|PASSWORD$|KEY$", name) or name in (
                "ZHUNSHENG_EVIDENCE_KEY",
                "ZHUNSHENG_SIGNING_KEY",
            ), (name, value)
            assert "://" not in str(value) or "@" not in str(value)
    declared = set(compose["secrets"])
    used = {name for one in compose["services"].values() for name in one.get("secrets", ())}
    assert used == declared


def test_a_refusal_does_not_make_the_service_start_over_and_over():
    unit = (DEPLOY / "zhunsheng.service").read_text("utf-8")
    assert "RestartPreventExitStatus=1 2" in unit
    assert "UMask=0077" in unit
