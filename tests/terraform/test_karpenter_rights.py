"""What Karpenter may do is what its code asks of AWS, no less and no more, as the interfaces in its module have it."""

from __future__ import annotations

import re

import pytest
from go_tools import NoTool, module_folder
from hcl_text import blocks
from terraform_cli import ROOT

MODULE, VERSION = "github.com/aws/karpenter-provider-aws", "v1.14.1"
POLICIES = ROOT / "modules/karpenter/policies.tf"
SERVICES = {"EC2": "ec2", "IAM": "iam", "EKS": "eks", "Pricing": "pricing", "SSM": "ssm", "SQS": "sqs"}

# What the interfaces have and the controller does without here, and why.
NOT_GIVEN = {
    # Profiles are made by Terraform and named in the EC2NodeClass (instanceProfile, not role).
    "iam:CreateInstanceProfile",
    "iam:DeleteInstanceProfile",
    "iam:AddRoleToInstanceProfile",
    "iam:RemoveRoleFromInstanceProfile",
    "iam:TagInstanceProfile",
    "iam:GetRole",
    # Its tests send to the queue, the controller only takes.
    "sqs:SendMessage",
}
# What no call of its own shows: the role goes along with the machines that it starts.
NOT_CALLED = {"iam:PassRole"}


@pytest.fixture(scope="module")
def calls() -> set[str]:
    """Actions of IAM that stand for the methods of Karpenter's interfaces to AWS."""
    try:
        text = (module_folder(MODULE, VERSION) / "pkg/aws/sdk.go").read_text(encoding="utf-8")
    except NoTool as error:
        pytest.fail(str(error), pytrace=False)
    return {
        f"{SERVICES[service]}:{method}"
        for service, body in re.findall(r"^type (\w+)API interface \{\n(.*?)^\}", text, re.DOTALL | re.MULTILINE)
        if service in SERVICES
        for method in re.findall(r"^\t(\w+)\(", body, re.MULTILINE)
    }


def given() -> set[str]:
    documents = blocks(POLICIES, 'data "aws_iam_policy_document"')
    assert documents.keys() == {"launch", "rest"}
    return {
        action
        for body in documents.values()
        for listed in re.findall(r"^    actions += +\[(.*?)\]", body, re.DOTALL | re.MULTILINE)
        for action in re.findall(r'"([a-z0-9]+:\w+)"', listed)
    }


def test_it_may_do_what_it_calls_and_nothing_else(calls: set[str]) -> None:
    assert len(calls) > 25
    assert given() == (calls - NOT_GIVEN) | NOT_CALLED


def test_what_is_left_out_is_called_somewhere(calls: set[str]) -> None:
    assert calls >= NOT_GIVEN


def test_zonal_shift_is_off_unless_asked_for() -> None:
    """It would need arc-zonal-shift:GetManagedResource, and the chart's values here do not switch it on."""
    options = (module_folder(MODULE, VERSION) / "pkg/operator/options/options.go").read_text(encoding="utf-8")
    assert '"enable-zonal-shift", "ENABLE_ZONAL_SHIFT", false' in options
    assert "enableZonalShift" not in (ROOT / "outputs.tf").read_text(encoding="utf-8")


def test_it_hears_of_all_that_it_understands() -> None:
    """A rule for every kind of message that its interruption controller parses."""
    folder = module_folder(MODULE, VERSION) / "pkg/controllers/interruption/messages"
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("parser.go")]
    understood = {
        (source, kind)
        for text in texts
        for source in re.findall(r"return \"(aws\.\w+)\"", text)
        for kind in re.findall(r"return \"([A-Z][\w -]+)\"", text)
    }
    code = (ROOT / "modules/karpenter/main.tf").read_text(encoding="utf-8")
    told = set(re.findall(r'source = "(aws\.\w+)", type = "([^"]+)"', code))
    assert told == understood
