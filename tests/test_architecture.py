from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import generators
from generators.cli.parser import COMMANDS, load
from generators.render import TARGETS

ROOT = Path(generators.__file__).parents[1]
LONGEST = 400


def layers() -> dict[str, tuple[set[str], set[str]]]:
    """By the name of a package: what it may import of ours besides itself, and of others."""
    path = ROOT / "tools" / "reference" / "layers.py"
    spec = importlib.util.spec_from_file_location("reference_layers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return {_full(each.name): ({_full(name) for name in each.ours}, set(each.others)) for each in module.LAYERS}


def _full(name: str) -> str:
    return name if name == "otel" else f"generators.{name}"


LAYERS = layers()
TOP = {"generators.artifact", "generators.pipeline", "generators.render", "generators.workers", "generators.library"}
"""Modules beside the packages: the file that a target makes, and the order of the stages."""

WRITERS = {"generators.output.writing", "generators.output.staging", "generators.output.locking"}
"""The only modules outside of the command line that write files; they stage, swap and lock."""

WRITING = {"write_text", "write_bytes", "mkdir", "unlink", "rmdir", "touch", "symlink_to", "rename", "replace"}


@cache
def modules() -> dict[str, Path]:
    """Every module of ours by its name."""
    files = sorted(path for folder in ("otel", "generators") for path in (ROOT / folder).rglob("*.py"))
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(modules()[name].read_text(encoding="utf-8"))


def imports(name: str) -> Iterator[str]:
    """What a module imports when it runs, function bodies included; imports for type checkers are not."""
    hidden = {
        id(inner)
        for node in ast.walk(tree(name))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree(name)):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("package", sorted(LAYERS))
def test_dependencies_point_one_way(package: str) -> None:
    ours, others = LAYERS[package]
    if ours == {"generators.*"}:
        return
    allowed = {package, *ours}
    for name in filter(lambda each: inside(each, package), modules()):
        for each in imports(name):
            top = each.split(".")[0]
            if top in ("otel", "generators"):
                assert any(inside(each, other) for other in allowed), f"{name}: {each}"
            else:
                assert top in sys.stdlib_module_names or top in others, f"{name}: {each}"


def test_every_package_is_a_layer() -> None:
    packages = {name for name in modules() if name.count(".") == 1 and modules()[name].name == "__init__.py"}
    singles = {name for name in modules() if name.count(".") == 1 and modules()[name].name != "__init__.py"}
    assert packages | {"otel"} >= set(LAYERS)
    assert {name for name in packages if inside(name, "generators")} == set(LAYERS) - {"otel"}
    assert singles - {name for name in singles if inside(name, "otel")} == TOP - {"generators.library"}


def test_only_the_command_line_imports_the_command_line() -> None:
    for name in modules():
        if not inside(name, "generators.cli"):
            assert not [each for each in imports(name) if inside(each, "generators.cli")], name


def test_the_runtime_library_loads_nothing_but_itself_and_opentelemetry() -> None:
    code = (
        "import sys; before = set(sys.modules); import otel; "
        "loaded = {name.split('.')[0] for name in set(sys.modules) - before}; "
        "print(*sorted(name for name in loaded if name not in sys.stdlib_module_names and not name.startswith('_')))"
    )
    command = [sys.executable, "-c", code]
    made = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert "otel" in made
    assert "generators" not in made
    assert set(made) & {"yaml", "pydantic", "numpy", "grafanalib", "jsonschema"} == set()


def test_the_runtime_library_imports_only_the_standard_library_and_opentelemetry() -> None:
    for name in filter(lambda each: inside(each, "otel"), modules()):
        for each in imports(name):
            top = each.split(".")[0]
            assert top in sys.stdlib_module_names or top in ("otel", "opentelemetry"), f"{name} imports {each}"


def test_every_module_says_what_it_is() -> None:
    assert [name for name in modules() if not (ast.get_docstring(tree(name)) or "").strip(". ")] == []


def test_no_module_is_too_long_to_read() -> None:
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in modules().items()}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def calls(name: str) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(tree(name)) if isinstance(node, ast.Call))


def test_only_one_package_reads_yaml() -> None:
    reading = {name for name in modules() if any(inside(each, "yaml") for each in imports(name))}
    assert {name for name in reading if not inside(name, "generators.formats.yaml")} == set()
    assert reading


def test_only_the_command_line_prints() -> None:
    for name in modules():
        if not inside(name, "generators.cli"):
            for call in calls(name):
                assert ast.unparse(call.func) not in ("print", "sys.stdout.write", "sys.stderr.write"), name


def writes(call: ast.Call) -> bool:
    """Whether a call writes to a file system, as far as its name tells."""
    function = ast.unparse(call.func)
    if function in ("open", "os.replace", "os.rename", "os.unlink", "os.remove", "shutil.rmtree"):
        modes = [argument.value for argument in call.args[1:2] if isinstance(argument, ast.Constant)]
        return function != "open" or bool(modes and set(str(modes[0])) & set("wax+"))
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in WRITING:
        return False
    if call.func.attr in ("replace", "rename"):
        return len(call.args) == 1 and not call.keywords and "path" in ast.unparse(call.func.value).lower()
    return True


def test_only_one_place_writes_files() -> None:
    for name in modules():
        if name not in WRITERS and not inside(name, "generators.cli"):
            assert not [ast.unparse(call) for call in calls(name) if writes(call)], name


def test_nothing_reads_the_clock_or_chance_while_compiling() -> None:
    forbidden = (
        "time.time",
        "datetime.now",
        "datetime.datetime.now",
        "date.today",
        "random.",
        "uuid.uuid4",
        "secrets.",
    )
    for name in modules():
        if any(
            inside(name, package) for package in ("generators.language", "generators.planning", "generators.targets")
        ):
            for call in calls(name):
                assert not ast.unparse(call.func).startswith(forbidden), f"{name}: {ast.unparse(call)}"


def test_every_target_is_rendered() -> None:
    package = "generators.targets"
    with_target = {
        name.removeprefix(f"{package}.").replace(".", "/")
        for name in modules()
        if inside(name, package)
        and any(isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "TARGET" for node in tree(name).body)
    }
    assert {target.name for target in TARGETS} == with_target
    assert len(with_target) == len(TARGETS) >= 5


ABOVE = {("gitops", "kubernetes")}
"""Targets that may import another: GitOps files are objects of Kubernetes."""


def test_targets_do_not_import_one_another() -> None:
    """A folder is a target, or a module beside the shared ones."""
    package = "generators.targets"
    owners = {target.name.split("/")[0] for target in TARGETS}
    for name in modules():
        owner = name.removeprefix(f"{package}.").split(".")[0]
        for each in imports(name) if inside(name, package) and name != package else ():
            other = each.removeprefix(f"{package}.").split(".")[0] if inside(each, package) else owner
            assert other == owner or other not in owners or (owner, other) in ABOVE, (name, each)


def test_every_command_is_listed_and_has_a_module() -> None:
    folder = ROOT / "generators" / "cli" / "commands"
    there = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert set(COMMANDS) == there - {"__init__"}
    assert list(COMMANDS) == sorted(COMMANDS)
    for name in COMMANDS:
        command = load(name)
        assert callable(command.run)
        assert callable(command.add_arguments)


def test_folders_and_files_have_no_vague_names() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "common"}
    assert [name for name in modules() if set(name.split(".")) & vague] == []
