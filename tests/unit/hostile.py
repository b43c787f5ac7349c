"""Configs that a stranger might send, each with what the answer has to name: the key that is wrong, or its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SOURCE = "data: {source: {sklearn: iris}}\n"
MODEL = "model: {layers: [{Dense: 4}]}\n"
PATHS = (
    "/etc/passwd",
    "../../../etc/passwd",
    "//host/share/x",
    "file:///etc/passwd",
    "http://127.0.0.1:9/x",
    "~/.ssh/id_rsa",
)
CODE = (
    "__import__('os').system('touch owned')",
    "().__class__.__bases__[0].__subclasses__()",
    "(lambda: 1)()",
    "[x for x in (1, 2)]",
    "open('/etc/passwd').read()",
    "exec('import os')",
    "eval('1')",
    "width.__class__",
    "width.real.__init__",
    "f'{width}'",
    "{1: 2}[1]",
    "print(width)",
    "globals()",
    "max.__call__(1, 2)",
    "min(key=print, *[1])",
    "(width := 5)",
    "width if exit() else 1",
    "`id`",
    "$(width)",
    "width; import os",
    "import os",
    "await width",
    "yield",
    "...",
    "b'x'",
    "1j",
    "x[0]",
    "not",
    "",
)
HUGE = (
    "2 ** 10 ** 10",
    "9 ** 9 ** 9 ** 9",
    "10 ** 10 ** 10 // 7",
    "0.1 ** -1000000",
    "width ** width ** width ** width",
    "(10 ** 1000) * (10 ** 1000) * (10 ** 1000)",
    "1e308 * 10",
    "1 / 0",
    "width % 0",
    "round(1e308 * 10)",
    "(" * 200 + "-1" + ")" * 200,
    "'a' * 1000000000",
    "min(" * 60 + "1" + ")" * 60,
    "1" * 490,
    "1 " * 400,
    "x" * 600,
)
NAMES = (
    "../out", "/tmp/out", "a/b", "a\\\\b", ".hidden", "-rf", "latest", "", "a b", "x" * 300, "CON:", "\\x1b[2J",
    "a\\nb",     "\\u202etxt", "..", ".", "~", "$(id)", "a;b", "a|b", "\\0", "%2e%2e",
)  # fmt: skip
TAGS = (
    "!!python/object/apply:os.system ['touch owned']",
    "!!python/name:os.system",
    "!!python/object/new:os.system ['id']",
    "!!python/module:os",
    "!include /etc/passwd",
    "!ENV HOME",
    "!!binary aGVsbG8=",
    "!!set {a, b}",
    "!!timestamp 2001-01-01",
    "!<tag:yaml.org,2002:python/object:object> {}",
    "!!omap [a: 1]",
    "!!float 1",
)


@dataclass(frozen=True)
class Hostile:
    """A config and what it is called in the tests; `told` must stand in the answer."""

    name: str
    text: str
    told: str


def configs() -> list[Hostile]:
    """All of them."""
    found: list[Hostile] = []
    for kind in (_tags, _bombs, _references, _huge, _paths, _arguments, _names, _graphs, _plugins, _extends, _sections):
        found += (Hostile(f"{kind.__name__[1:]}_{number}", *one) for number, one in enumerate(kind()))
    return found


def _model(*layers: str, above: str = "") -> str:
    steps = "".join(f"    - {layer}\n" for layer in layers)
    return f"{above}{SOURCE}model:\n  layers:\n{steps}"


def _tags() -> Iterator[tuple[str, str]]:
    for tag in TAGS:
        word = tag.split()[0].removeprefix("!!").lstrip("!<").rstrip(">")
        yield f"name: {tag}\n{SOURCE}{MODEL}", word.split(":")[-1] if word.startswith("tag") else word
        yield _model(f"Dense: {tag}"), "the tag"
        yield f"variables:\n  a: {tag}\n{SOURCE}{MODEL}", "the tag"


def _bombs() -> Iterator[tuple[str, str]]:
    lists = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12))
    yield f"variables: {{l0: &l0 [1]}}\n{lists}{SOURCE}{MODEL}", "aliases"
    maps = "".join(f"m{n}: &m{n} {{a: *m{n - 1}, b: *m{n - 1}}}\n" for n in range(1, 40))
    yield f"m0: &m0 {{}}\n{maps}{SOURCE}{MODEL}", "aliases"
    yield f"{SOURCE}model: &m {{layers: [*m]}}\n", "aliases"
    yield f"a: &a [*a]\n{SOURCE}{MODEL}", "aliases"
    yield f"<<: {{name: x}}\n{SOURCE}{MODEL}", "<<"
    for opening, closing in (("[", "]"), ("{a: ", "}"), ("- " * 1, "")):
        deep = opening * 5000 + "1" + closing * 5000
        yield f"{SOURCE}model: {{layers: {deep}}}\n", ":"
    yield f"{SOURCE}{MODEL}# {'x' * 1_100_000}\n", "bytes"
    yield f"{SOURCE}model: {{layers: [{'Flatten, ' * 30_000}]}}\n", "values"
    yield f"name: {'9' * 100_000}\n{SOURCE}{MODEL}", "name"
    yield f"seed: {'9' * 5000}\n{SOURCE}{MODEL}", "seed"
    yield f"seed: 0x{'f' * 900}\n{SOURCE}{MODEL}", "seed"
    yield f"? [a, b]\n: 1\n{SOURCE}{MODEL}", "a key"
    yield "---\na: 1\n---\nb: 2\n", "second document"
    yield "\x00", "character"
    yield "\x1b[31mname: x", "character"
    yield "%YAML 9.9\n---\na: 1\n", ":"
    yield "*x", "anchor"
    yield "[" * 70 + "]" * 70, "deep"


def _references() -> Iterator[tuple[str, str]]:
    for code in CODE:
        above = "variables: {width: 8}\n"
        quoted = "$(" + code + ")"
        yield _model(f"Dense: {_quoted(quoted)}", above=above), "model.layers[0].Dense"
        yield f"variables:\n  width: 8\n  b: {_quoted(quoted)}\n{SOURCE}{MODEL}", "variables.b"
        yield f"variables: {{width: 8}}\n{SOURCE}{MODEL}fit: {{epochs: {_quoted(quoted)}}}\n", "fit.epochs"


def _huge() -> Iterator[tuple[str, str]]:
    for number in HUGE:
        yield _model(f"Dense: {_quoted(f'$({number})')}", above="variables: {width: 9}\n"), "Dense"
    chain = "\n".join(f"  v{n}: $(v{n - 1} * v{n - 1})" for n in range(1, 40))
    yield f"variables:\n  v0: 99\n{chain}\n{SOURCE}{MODEL}", "variables.v"
    texts = "\n".join(f"  v{n}: [$v{n - 1}, $v{n - 1}]" for n in range(1, 40))
    yield f"variables:\n  v0: 99\n{texts}\n{SOURCE}{MODEL}", "variables"
    for units in ("1000000000000000000000", "-1", "0", "1.5", ".inf", ".nan", "true", "200000000000"):
        yield _model(f"Dense: {{units: {units}}}"), "Dense"
    for count in ("1000000000", "-1", "99999999999999999999", "1.5", ".inf", "[]"):
        yield _model(f"Dense: {{units: 4, repeat: {count}}}"), "repeat"
    yield _model("Dense: {units: 4, repeat: $n}", above="variables: {n: 100000000}\n"), "repeat"
    yield _model("Dense: {repeat: {units: [$n]}}", above="variables: {n: [1, 2]}\n"), "units"
    yield _model("Conv1D: {filters: 2, kernel_size: 3, each: {filters: 1000000000}}"), "each"


def _paths() -> Iterator[tuple[str, str]]:
    for path in PATHS:
        for kind in (
            ("csv", "npz", "npy", "images", "idx") if path[0] != "~" else ()
        ):  # which is a folder's name like others
            yield f"data: {{source: {{{kind}: '{path}'}}, target: y}}\n{MODEL}", "data.source"
        yield _model(f"TextVectorization: {{vocabulary: '{path}'}}"), "vocabulary"
        yield _model(f"StringLookup: {{vocabulary: '{path}'}}"), "vocabulary"
        yield _model(f"MobileNet: {{weights: '{path}'}}"), "weights"
        yield _model("MobileNet: {weights: $w}", above=f"variables: {{w: '{path}'}}\n"), "weights"
        block = (
            f"blocks:\n  words:\n    parameters: [v: '{path}']\n    layers: [{{IntegerLookup: {{vocabulary: $v}}}}]\n"
        )
        yield _model("words", above=block), "vocabulary"


def _arguments() -> Iterator[tuple[str, str]]:
    for callback in (
        "ModelCheckpoint: {filepath: ../x.keras}", "CSVLogger: ../x.csv", "BackupAndRestore: ../x", "TensorBoard: ../x",
        "RemoteMonitor: {root: 'http://127.0.0.1:9'}", "LambdaCallback: {on_epoch_end: print}", "OrbaxCheckpoint: ../x",
        "LearningRateScheduler: print",
    ):  # fmt: skip
        yield f"{SOURCE}{MODEL}fit: {{callbacks: [{{{callback}}}]}}\n", callback.partition(":")[0]
    for layer in (
        "Lambda: print", "Lambda: {function: 'lambda x: x'}", "TFSMLayer: {filepath: /tmp/model}",
        "TorchModuleWrapper: {module: os}", "JaxLayer: {call_fn: print}", "FlaxLayer: {module: os}",
        "Layer", "os.system: ls", "builtins.eval: x", "keras.src.utils.file_utils.get_file: x", "ops.map: print",
        "ops.vectorized_map: print", "ops.custom_gradient: print", "__import__: os", "exec: x",
        "Dense: {activation: os.system}",
        "Dense: {units: 4, activation: 'keras.src.utils'}", "Dense: {units: 4, kernel_initializer: {config: {}}}",
        "Dense: {units: 4, __class__: object}", "Dense: {units: 4, weights: [1]}",
        "Dense: {class_name: Lambda, config: {}}",
        "Dense: {units: 4, registered_name: x}",
        "RandomApply: {factor: print}", "Pipeline: {layers: [{Lambda: print}]}",
        "TimeDistributed: {layer: {Lambda: print}}",
        "Bidirectional: {layer: {Lambda: print}}", "Wrapper: {layer: Flatten}",
    ):  # fmt: skip
        yield _model(layer), "model.layers[0]"
    for compiled in (
        "optimizer: {module: os}", "loss: os.system", "loss: {Lambda: x}", "metrics: [{MeanMetricWrapper: print}]",
        "optimizer: {MultiOptimizer: [adam]}", "optimizer: {LossScaleOptimizer: {inner_optimizer: adam}}",
        "loss: print",
        "run_eagerly: 'os'", "jit_compile: {a: b}", "steps_per_execution: 5", "nonsense: 1",
    ):  # fmt: skip
        yield f"{SOURCE}{MODEL}compile: {{{compiled}}}\n", "compile"


def _names() -> Iterator[tuple[str, str]]:
    for name in NAMES:
        yield f'name: "{name}"\n{SOURCE}{MODEL}', "name"
        if name.isprintable() and name not in ("latest", "x" * 300):  # a step may be called so
            yield _model(f'Dense: {{units: 4, name: "{name}"}}'), "name"


def _graphs() -> Iterator[tuple[str, str]]:
    twice = "blocks:\n" + "".join(f"  b{n}: [b{n + 1}, b{n + 1}]\n" for n in range(40)) + "  b40: [{Dense: 2}]\n"
    yield _model("b0", above=twice), "blocks.b40[0].Dense"
    wide = "blocks:\n" + "".join(f"  b{n}: [{{b{n + 1}: {{repeat: 100}}}}]\n" for n in range(10)) + "  b10: [Flatten]\n"
    yield _model("b0", above=wide), "blocks.b10[0]"
    sides = "blocks:\n" + "".join(
        f"  b{n}: [{{b{n + 1}: {{each: {{from: [input, input, input]}}}}}}, Add]\n" for n in range(30)
    ) + "  b30: [Flatten]\n"  # fmt: skip
    yield _model("b0", above=sides), "blocks.b28[1]"
    empty = "blocks:\n" + "".join(f"  b{n}: [{{b{n + 1}: {{repeat: 0}}}}, b{n + 1}, b{n + 1}]\n" for n in range(40))
    yield (
        _model("b0", above=empty + "  b40: [{Dense: {units: 2, if: false}}, {Dense: {units: 2, if: false}}]\n"),
        "blocks.b39[1]",
    )
    yield _model("a", above="blocks: {a: [a]}\n"), "blocks.a"
    yield _model("a", above="blocks: {a: [b], b: [a]}\n"), "blocks"
    handed = "blocks:\n" + "".join(
        f"  b{n}: {{parameters: [p], layers: [{{b{n + 1}: '$(p * p)'}}]}}\n" for n in range(40)
    ) + "  b40: {parameters: [p], layers: [{Dense: $p}]}\n"  # fmt: skip
    yield _model("b0: 99", above=handed), "blocks.b9"
    lists = "blocks:\n" + "".join(
        f"  b{n}: {{parameters: [p], layers: [{{b{n + 1}: {{p: [$p, $p]}}}}]}}\n" for n in range(40)
    ) + "  b40: {parameters: [p], layers: [{Reshape: $p}]}\n"  # fmt: skip
    yield _model("b0: 99", above=lists), "blocks.b"
    yield _model("Dense: {units: 4, repeat: 9999}", "Dense: {units: 4, repeat: 9999}"), "model.layers[1]"
    yield _model(f"Concatenate: {{from: [{', '.join(['x' * 5] * 15_000)}]}}"), "from"
    yield _model("Dense: {units: 4, from: 'a.b.c.d.e.f'}"), "from"
    yield _model("Dense: {units: 4, from: '__class__'}"), "from"
    yield _model("Dense: {units: 4, from: '../x'}"), "from"
    yield _model("Dense: {units: 4, from: $(previous.__class__)}"), "from"
    yield _model("Flatten", "Dense: {units: 4, each: {units: [" + "1, " * 15_000 + "]}}"), "model.layers[1]"


def _plugins() -> Iterator[tuple[str, str]]:
    for path in (
        "evil.py", "./evil.py", "sub/../evil.py", "link.py", "/etc/passwd", "/etc/passwd.py", "../evil.py", "evil",
        "evil.pyc", "os", "http://127.0.0.1:9/evil.py", "evil.py/../evil.py", "\\0.py", "json.py", "$HOME/evil.py",
        "fifo.py", "folder.py", "latin.py",
    ):  # fmt: skip
        yield f'plugins: ["{path}"]\n{SOURCE}{MODEL}', "plugins"
        yield f'extends: base.yaml\nplugins: ["{path}"]\n{SOURCE}{MODEL}', "plugins"
    yield f"plugins: evil.py\n{SOURCE}{MODEL}", "plugins"
    yield f"plugins: {{evil.py: true}}\n{SOURCE}{MODEL}", "plugins"
    yield f"extends: naming.yaml\n{SOURCE}{MODEL}", "plugins"
    yield f"variables: {{p: evil.py}}\nplugins: [$p]\n{SOURCE}{MODEL}", "plugins"


def _extends() -> Iterator[tuple[str, str]]:
    for path in (
        *PATHS,
        "../x",
        "../../x.yaml",
        "/etc/hosts.yaml",
        "evil.py",
        "link.yaml",
        "config.yaml",
        "missing.yaml",
        "a\\0.yaml",
    ):
        yield f'extends: "{path}"\n{SOURCE}{MODEL}', "extends"
    for written in ("5", "[5]", "{a: b}", "[[a.yaml]]", "[base.yaml, '../x.yaml']", "[" + "base.yaml, " * 30 + "]"):
        yield f"extends: {written}\n{SOURCE}{MODEL}", "extends"


def _sections() -> Iterator[tuple[str, str]]:
    for section in (
        "data",
        "model",
        "compile",
        "fit",
        "cv",
        "runtime",
        "report",
        "variables",
        "blocks",
        "task",
        "seed",
    ):
        for value in ("{__class__: x}", "[[[]]]", "'$(exit())'", "'../../x'"):
            others = "".join(text for key, text in (("data", SOURCE), ("model", MODEL)) if key != section)
            if (section, value) not in (("variables", "{__class__: x}"), ("blocks", "{__class__: x}")):
                yield f"{section}: {value}\n{others}", section
    for key in ("__builtins__", "import", "exec", "include", "environment", "hooks", "pre_run", "command", "\\e[2J"):
        yield f'"{key}": x\n{SOURCE}{MODEL}', ":1:1"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
