"""Which part may import which: the contracts of pyproject.toml, read off every import."""

from __future__ import annotations

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.notes.collect import CHECKOUT


def test_imports_keep_to_the_layers_of_pyproject(monkeypatch, capsys):
    monkeypatch.chdir(CHECKOUT)
    done = lint_imports(config_filename="pyproject.toml", no_cache=True, no_logo=True)
    assert done == EXIT_STATUS_SUCCESS, capsys.readouterr().out
