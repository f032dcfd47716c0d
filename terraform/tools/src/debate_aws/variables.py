"""The values of variables.tf as Terraform would see them, without Terraform: read by python-hcl2.

Later wins: default, TF_VAR_*, terraform.tfvars, *.auto.tfvars by name, --var-file in their order, --var. (Terraform
takes the last two in their order on the command line; here files come first.) A file may have the ending .json.
What a validation block refuses is left to Terraform. Of a heredoc the parser drops the last line end.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
import hcl2
from hcl2.utils import SerializationOptions
from lark.exceptions import LarkError, UnexpectedInput

from debate_aws.account import AccountError, explained

_ESCAPED: Final = re.compile(r"\\(?:([nrt\"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|\$\$\{|%%\{")
_TEMPLATE: Final = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")
_CHARACTERS: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_HCL: Final = SerializationOptions(with_comments=False, explicit_blocks=False, preserve_heredocs=False)


@dataclass(frozen=True)
class Variables:
    """Name -> value of every variable. sources: name -> where it was set, such as lean.tfvars; none for a default."""

    values: Mapping[str, Any]
    sources: Mapping[str, str]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


@dataclass(frozen=True)
class _Declared:
    type: str
    has_default: bool
    default: Any


def read_variables(
    folder: Path,
    *,
    var_files: Sequence[str] = (),
    assignments: Sequence[str] = (),
    environ: Mapping[str, str] = os.environ,
) -> Variables:
    """Of the configuration in `folder`. var_files: paths from there. assignments: name=value.

    Where nothing sets the region, it is that of the AWS command line. Raises AccountError.
    """
    declared = _declarations(folder / "variables.tf")
    values = {name: one.default for name, one in declared.items() if one.has_default}
    sources: dict[str, str] = {}
    for source, name, value in _assigned(folder, declared, var_files, assignments, environ):
        values[name] = _converted(value, declared[name].type, f"{name} in {source}")
        sources[name] = source
    if values.get("region") is None:
        values["region"], sources["region"] = _region_of_the_command_line(environ)
    missing = sorted(declared.keys() - values.keys())
    if missing:
        raise AccountError(
            f"{', '.join(missing)} must be set.", f"Say it: --var {missing[0]}=... or in a .tfvars file."
        )
    return Variables(values, sources)


def _assigned(
    folder: Path,
    declared: Mapping[str, _Declared],
    var_files: Sequence[str],
    assignments: Sequence[str],
    environ: Mapping[str, str],
) -> Iterator[tuple[str, str, Any]]:
    """(where, name, value) of all that is set, the stronger later."""
    for name in declared:
        if f"TF_VAR_{name}" in environ:
            source = f"TF_VAR_{name}"
            yield source, name, _said(environ[source], declared[name].type, source)
    own = [folder / "terraform.tfvars", folder / "terraform.tfvars.json"]
    automatic = sorted([*folder.glob("*.auto.tfvars"), *folder.glob("*.auto.tfvars.json")], key=lambda path: path.name)
    for path in [*(path for path in own if path.is_file()), *automatic, *(folder / name for name in var_files)]:
        for name, value in _file(path).items():
            _known(name, declared, str(path.name))
            yield path.name, name, value
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise AccountError(f"--var {assignment} has no value.", f"Write --var {assignment}=VALUE.")
        name = name.strip()
        _known(name, declared, "--var")
        yield "--var", name, _said(text, declared[name].type, f"--var {name}")


def _known(name: str, declared: Mapping[str, _Declared], source: str) -> None:
    """Terraform only warns of some of these; but what was meant is then not set."""
    if name not in declared:
        near = difflib.get_close_matches(name, declared, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise AccountError(
            f"{source} sets {name}, and there is no such variable.", f"{hint}variables.tf has all that can be set."
        )


def _declarations(path: Path) -> dict[str, _Declared]:
    found = {}
    for block in _parsed(path).get("variable", []):
        ((label, body),) = block.items()
        kind = str(body.get("type", "any")).removeprefix("${").removesuffix("}")
        source = f"{path.name}: {label}"
        has_default = "default" in body
        default = _converted(_plain(body["default"], source), kind, source) if has_default else None
        found[_unquoted(label, source)] = _Declared(kind, has_default, default)
    return found


def _file(path: Path) -> dict[str, Any]:
    if path.suffix != ".json":
        return {name: _plain(value, f"{path.name}: {name}") for name, value in _parsed(path).items()}
    try:
        content = json.loads(_text(path))
    except ValueError as error:
        raise AccountError(f"{path} is no JSON: {error}", "Mend that line.") from error
    if not isinstance(content, dict):
        raise AccountError(f"{path} is no JSON object.", 'Write {"name": value, ...}.')
    return content


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise AccountError(
            f"There is no file {path}.",
            "Paths of variable files are meant from the folder with main.tf: VAR_FILE=lean.tfvars.",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise AccountError(f"{path} cannot be read: {error}", "Make it a readable file in UTF-8.") from error


def _parsed(path: Path) -> dict[str, Any]:
    text = _text(path)
    try:
        # A last line without its end is none to the parser.
        return dict(hcl2.loads(text if text.endswith("\n") else f"{text}\n", serialization_options=_HCL))
    except UnexpectedInput as error:
        lines = text.splitlines()
        shown = lines[error.line - 1].strip() if 0 < error.line <= len(lines) else "its end"
        where = f"{path}, line {error.line}" if error.line > 0 else str(path)
        raise AccountError(f"{where} is not HCL: {shown}", "`terraform fmt` says what is wrong with it.") from error
    except LarkError as error:
        raise AccountError(f"{path} is not HCL: {error}", "`terraform fmt` says what is wrong with it.") from error


def _said(text: str, kind: str, source: str) -> Any:
    """A value of the environment or the command line: text as it is for a simple type, else an expression."""
    if kind in {"string", "number", "bool"}:
        return text
    try:
        return _plain(hcl2.loads(f"value = {text}\n", serialization_options=_HCL)["value"], source)
    except LarkError as error:
        raise AccountError(
            f"{source} is no value for {kind}: {text}", """Quote it for the shell, such as '["a", "b"]'."""
        ) from error


def _plain(value: Any, source: str) -> Any:
    """What the parser gives, without its quotes. Raises AccountError for what would have to be computed."""
    if isinstance(value, list):
        return [_plain(one, source) for one in value]
    if isinstance(value, dict):
        return {_unquoted(str(name), source): _plain(one, source) for name, one in value.items()}
    return _unquoted(value, source) if isinstance(value, str) else value


def _unquoted(text: str, source: str) -> str:
    if not (len(text) >= 2 and text.startswith('"') and text.endswith('"')):
        if re.fullmatch(r"\w[\w-]*", text):  # a name, as keys of an object may be
            return text
        raise AccountError(f"{source} is computed ({text}).", "Write the value itself.")
    if _TEMPLATE.search(text):
        raise AccountError(f"{source} is computed ({text}).", "Write the value itself; $${ is a plain ${.")
    return _ESCAPED.sub(_unescaped, text[1:-1])


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return _CHARACTERS[found[1]]
    code = found[2] or found[3]
    return chr(int(code, 16)) if code else found[0][1:]


def _converted(value: Any, kind: str, source: str) -> Any:
    """As Terraform converts to the variable's type; null stays null."""
    if value is None or kind == "any":
        return value
    collection, _, inside = kind.removesuffix(")").partition("(")
    try:
        if collection in {"list", "set"} and isinstance(value, list):
            items = [_converted(one, inside, source) for one in value]
            return sorted(set(items)) if collection == "set" else items
        if collection == "map" and isinstance(value, dict):
            return {name: _converted(one, inside, source) for name, one in value.items()}
        if kind in _SIMPLE and not isinstance(value, list | dict):
            return _SIMPLE[kind](value)
    except (KeyError, ValueError):
        pass
    raise AccountError(f"{source} is {json.dumps(value)}, which is no {kind}.", "variables.tf has an example of it.")


def _as_string(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool | int | float) else str(value)


def _as_number(value: Any) -> int | float:
    if isinstance(value, bool):
        raise ValueError(value)
    number = float(value)
    return int(number) if number.is_integer() else number


def _as_bool(value: Any) -> bool:
    return {"true": True, "false": False, "1": True, "0": False}[_as_string(value)]


_SIMPLE: Final = {"string": _as_string, "number": _as_number, "bool": _as_bool}


def _region_of_the_command_line(environ: Mapping[str, str]) -> tuple[str, str]:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        if environ.get(name):
            return environ[name], name
    with explained("use your AWS profile"):
        configured = boto3.Session().region_name
    if configured:
        return configured, "your AWS profile"
    raise AccountError(
        "No region is set.",
        "`make -C terraform bootstrap REGION=eu-central-1` keeps one; until then AWS_REGION=eu-central-1.",
    )
