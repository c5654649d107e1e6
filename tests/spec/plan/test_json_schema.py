"""JSON Schemas describe what is written."""

from __future__ import annotations

import json

import jsonschema
import pytest
from click.testing import CliRunner
from scalingdsl.engine.commands.about.schema import command
from scalingdsl.spec.plan.json_schema import plan_schema, words_schema
from scalingdsl.spec.vocabulary import REGISTRY

from ..support import STUDIES, plan_of


@pytest.mark.parametrize("name", ["one_line", "walks", "k_branches", "m_shapes"])
def test_plans_satisfy_their_schema(name: str) -> None:
    plan = plan_of((STUDIES / f"{name}.scl").read_text())
    jsonschema.Draft202012Validator.check_schema(plan_schema())
    jsonschema.validate(json.loads(plan.model_dump_json()), plan_schema())


def test_a_plan_with_more_than_its_fields_does_not() -> None:
    plan = json.loads(plan_of((STUDIES / "one_line.scl").read_text()).model_dump_json())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plan | {"extra": 1}, plan_schema())


def test_every_word_is_listed_with_its_parameters() -> None:
    words = words_schema()
    assert set(words) == set(REGISTRY)
    assert words["er"]["parameters"]["p"]["description"]
    assert words["er"]["required"] == ["n"]
    assert "sha256" not in words["edges"]["parameters"]


@pytest.mark.parametrize("name", ["plan", "record", "words"])
def test_the_command_prints_a_schema(name: str) -> None:
    plain = CliRunner().invoke(command, [name])
    assert plain.exit_code == 0
    found = json.loads(plain.output)
    wrapped = json.loads(CliRunner().invoke(command, [name, "--json"]).output)
    assert (wrapped["command"], wrapped["schema"]) == ("schema", found)
