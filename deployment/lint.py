"""cfn-lint over the template after the SAM transform; warnings are errors.

Before the transform it misses most mistakes in functions and their events.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

REGION = "eu-central-1"


def transformed(template: Mapping[str, Any]) -> dict[str, Any]:
    """What CloudFormation will make of the template. Raises samtranslator's InvalidDocumentException."""
    from boto3.session import Session
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    document = copy.deepcopy(dict(template))
    for resource in document["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": "any", "Key": "deployment.zip"}
    # The region only decides the partition; without one given here the machine's own settings would.
    translator = Translator({}, Parser(), boto_session=Session(region_name=REGION))
    result: dict[str, Any] = translator.translate(document, parameter_values={})
    translator.metrics.publish()  # to nowhere; it warns about what was never published
    return result


def lint(template: Mapping[str, Any], work: Path) -> list[str]:
    """Every finding of the linter in the transformed template, one line each. work: a folder to write it to."""
    from cfnlint.api import lint_file
    from cfnlint.config import ManualArgs
    from samtranslator.model.exceptions import InvalidDocumentException

    try:
        document = transformed(template)
    except InvalidDocumentException as error:
        return [f"SAM: {cause.message}" for cause in error.causes]
    path = work / "transformed.json"
    path.write_text(json.dumps(document, indent=2), "utf-8")
    findings = lint_file(path, config=ManualArgs(regions=[REGION]))
    return [f"{found.rule.id} {'/'.join(map(str, found.path or []))}: {found.message}" for found in findings]
