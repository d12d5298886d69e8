"""What `iam-policy` prints is read by parsers of other projects, and judged by AWS's own tables."""

import json
import re
import subprocess

import hcl2
import pytest
from cfnlint import core
from cfnlint.api import ManualArgs, lint
from cfnlint.decode import decode_str
from policy_sentry.querying.actions import get_action_data

from programs import GATEWAY_BIN, ROOT, clean_environment

ACCOUNT = "123456789012"
CALL_LIMIT_SECONDS = 60

GOLDEN = "tests/golden/iam/registry.json"
NEWER = "config/aws-bedrock-models.2026-11.json"

# Registries with flags that bring every kind of statement.
CASES = {
    "shipped": ["--registry", "config/aws-bedrock-models.json"],
    "newer": ["--registry", NEWER],
    "every kind": [
        *("--registry", GOLDEN, "--profiles", "tests/golden/iam/profiles.json"),
        *("--guardrail", "abc123", "--bearer-key"),
        *("--guardrail", f"arn:aws:bedrock:us-east-2:{ACCOUNT}:guardrail-profile/us.guardrail.v1:0"),
    ],
    "broad": ["--registry", NEWER, "--broad"],
}

every_case = pytest.mark.parametrize("flags", CASES.values(), ids=CASES.keys())


def iam_policy(*flags, account=ACCOUNT):
    done = subprocess.run(
        [GATEWAY_BIN, "iam-policy", *flags],
        cwd=ROOT,
        env=clean_environment(BEDROCK_GATEWAY_REGISTRY_PROFILE_ACCOUNT=account),
        capture_output=True,
        text=True,
        timeout=CALL_LIMIT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def documents(flags):
    read = json.loads(iam_policy(*flags))
    return read if isinstance(read, list) else [read]


def texts(value):
    return [value] if isinstance(value, str) else value


def matches(arn, pattern):
    """Whether an ARN is of the form of the reference, in which `${…}` stands for a part."""
    if "*" in (arn, pattern):
        # All resources are of every form; that no least policy says so, the tests in Rust see to.
        return arn == "*"
    pieces = re.split(r"\$\{\w+\}", pattern)
    # A global profile's model has no region.
    return re.fullmatch("[^:]*".join(map(re.escape, pieces[:-1])) + ".+" + re.escape(pieces[-1]), arn)


@every_case
def test_actions_resources_and_conditions_go_together_by_the_reference(flags):
    statements = [one for document in documents(flags) for one in document["Statement"]]
    assert statements
    for statement in statements:
        for action in texts(statement["Action"]):
            known = get_action_data(*action.split(":"))
            assert known, f"{action} is unknown"
            rows = known["bedrock"]
            for arn in texts(statement["Resource"]):
                fitting = [row for row in rows if matches(arn, row["resource_arn_format"])]
                assert fitting, f"{action} knows no resource like {arn}"
                keys = {key for row in fitting for key in row["condition_keys"]}
                for conditions in statement.get("Condition", {}).values():
                    for key in conditions:
                        assert key in keys or key.startswith("aws:"), f"{action} knows no {key}"


def unquoted(value):
    """A value of python-hcl2, which keeps the quotes of strings."""
    if isinstance(value, dict):
        return {unquoted(key): unquoted(one) for key, one in value.items()}
    if isinstance(value, list):
        return [unquoted(one) for one in value]
    if isinstance(value, str) and value[:1] == value[-1:] == '"':
        return value[1:-1]
    return value


def documents_of_terraform(text):
    """The documents that the data sources of Terraform's AWS provider would make."""
    module = unquoted(hcl2.loads(text))
    made = []
    for block in module["data"]:
        for label, body in block.get("aws_iam_policy_document", {}).items():
            made.append({"Version": "2012-10-17", "Statement": list(map(statement, body["statement"]))})
            assert f"data.aws_iam_policy_document.{label}.json" in text
    return module, made


def statement(block):
    made = {
        "Sid": block["sid"],
        "Effect": block["effect"],
        "Action": block["actions"],
        "Resource": block["resources"],
    }
    for condition in block.get("condition", []):
        operators = made.setdefault("Condition", {}).setdefault(condition["test"], {})
        operators[condition["variable"]] = condition["values"]
    return made


@every_case
def test_terraform_says_what_the_json_says(flags):
    module, made = documents_of_terraform(iam_policy("--format", "terraform", *flags))

    assert made == documents(flags)
    assert len(module["resource"]) == len(made)


def test_terraform_asks_for_the_account_that_nobody_said():
    text = iam_policy("--format", "terraform", "--registry", NEWER, account="plain-id")
    _, made = documents_of_terraform(text)

    account = "${data.aws_caller_identity.current.account_id}"
    filled_in = json.loads(json.dumps(made).replace(account, ACCOUNT))
    assert 'data "aws_caller_identity" "current" {}' in text
    assert account in json.dumps(made)
    assert filled_in == documents(["--registry", NEWER])


@every_case
def test_terraform_has_the_reason_above_every_statement(flags):
    lines = iam_policy("--format", "terraform", *flags).splitlines()

    places = [index for index, line in enumerate(lines) if line == "  statement {"]
    assert places
    assert all(lines[index - 1].startswith("  # ") for index in places)


@every_case
@pytest.mark.parametrize("account", [ACCOUNT, "plain-id"])
def test_cloudformation_has_no_finding(flags, account):
    text = iam_policy("--format", "cloudformation", *flags, account=account)

    findings = lint(text, config=ManualArgs(regions=["us-east-1"], include_checks=["I"]))
    # A partition that is written out: it follows from the region of the gateway.
    told = [str(finding) for finding in findings if finding.rule.id != "I3042"]
    assert told == []


@every_case
def test_cloudformation_says_what_the_json_says(flags):
    template, _ = decode_str(iam_policy("--format", "cloudformation", *flags))

    resources = template["Resources"].values()
    made = [resource["Properties"]["PolicyDocument"] for resource in resources]
    assert json.loads(json.dumps(made)) == documents(flags)
    assert len(template["Outputs"]) == len(made)
