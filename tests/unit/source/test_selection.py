"""What is judged, and in what role."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pytest_quality_gates.errors import ConfigurationError
from pytest_quality_gates.source.project_layout import judged_roots
from pytest_quality_gates.source.selection import Selection, discover, for_path


def tree(root: Path, *paths: str, **texts: str) -> Path:
    """Write empty files, and some with a text, below `root`."""
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(texts.get(file.stem, ""), encoding="utf-8")
    return root


def modules(selection: Selection, role: str = "source") -> list[str]:
    """The dotted names of the files in a role."""
    return [file.module for file in selection.files if file.role == role]


class TestWhereItLooks:
    """The project says itself what its source is."""

    @pytest.mark.parametrize(
        ("name", "text", "expected"),
        [
            ("pyproject.toml", "[tool.coverage.run]\nsource = ['lib/shop']\n", ("lib/shop",)),
            ("pyproject.toml", "[tool.coverage.run]\nsource_pkgs = ['shop']\n", ("shop",)),
            ("pyproject.toml", "[tool.coverage.run]\nsource = ['shop', 'tests']\n", ("shop",)),
            (".coveragerc", "[run]\nsource =\n    shop\n    other\n", ("shop", "other")),
            ("setup.cfg", "[coverage:run]\nsource = shop,other\n", ("shop", "other")),
            ("tox.ini", "[coverage:run]\nsource_pkgs = other\n", ("other",)),
            ("pyproject.toml", "[tool.setuptools]\npackages = ['shop', 'shop.web']\n", ("shop",)),
            ("pyproject.toml", "[tool.setuptools.packages.find]\nwhere = ['lib']\n", ("lib/shop",)),
            ("pyproject.toml", "[tool.setuptools.package-dir]\n'' = 'lib'\n", ("lib",)),
            ("pyproject.toml", "[tool.setuptools]\npy-modules = ['single']\n", ("single.py",)),
            (
                "setup.cfg",
                "[options]\npackages = find:\n[options.packages.find]\nwhere = lib\n",
                ("lib/shop",),
            ),
            ("setup.cfg", "[options]\npackages = shop\n", ("shop",)),
            ("pyproject.toml", "[tool.hatch.build.targets.wheel]\npackages = ['lib/shop']\n", ("lib/shop",)),
            (
                "pyproject.toml",
                "[tool.poetry]\npackages = [{include = 'shop', from = 'lib'}]\n",
                ("lib/shop",),
            ),
            ("pyproject.toml", "[tool.poetry]\nname = 'other'\n", ("other",)),
            ("pyproject.toml", "[tool.flit.module]\nname = 'other'\n", ("other",)),
            ("pyproject.toml", "[tool.pdm.build]\nincludes = ['lib/shop']\n", ("lib/shop",)),
            (
                "pyproject.toml",
                "[tool.uv.build-backend]\nmodule-name = 'shop'\nmodule-root = 'lib'\n",
                ("lib/shop",),
            ),
            ("pyproject.toml", "[tool.maturin]\npython-source = 'lib'\n", ("lib",)),
            ("pyproject.toml", "[project]\nname = 'Other'\n", ("other", "shop", "single.py")),
            ("pyproject.toml", "[project]\nname = 'other'\n", ("other",)),
            ("pyproject.toml", "not toml", ("other", "shop", "single.py")),
            ("pyproject.toml", "[tool.coverage.run]\nsource = ['gone']\n", ("other", "shop", "single.py")),
        ],
    )
    def test_configuration(self, tmp_path: Path, name: str, text: str, expected: tuple[str, ...]) -> None:
        """Coverage settings come first, then the build backend's packages, then what lies at the top level."""
        tree(
            tmp_path,
            "shop/__init__.py",
            "shop/web/__init__.py",
            "other/__init__.py",
            "lib/shop/__init__.py",
            "single.py",
            "setup.py",
            "conftest.py",
            "noxfile.py",
            "test_single.py",
            "docs/conf.py",
            "tests/test_a.py",
        )
        if "lib" not in text:
            (tmp_path / "lib/shop/__init__.py").unlink()
        (tmp_path / name).write_text(text)
        assert expected == discover(tmp_path).roots

    def test_src(self, tmp_path: Path) -> None:
        """Without any word of the project, what lies in `src` is judged rather than the top level."""
        tree(tmp_path, "src/shop/__init__.py", "src/single.py", "script.py", "tool/__init__.py")
        found = discover(tmp_path)
        assert ("src/shop", "src/single.py") == found.roots
        assert ["shop", "single"] == modules(found)

    def test_src_that_is_a_package(self, tmp_path: Path) -> None:
        """A `src` with an `__init__.py` is a package of that name."""
        found = discover(tree(tmp_path, "src/__init__.py", "src/app.py"))
        assert (("src",), ["src", "src.app"]) == (found.roots, modules(found))

    def test_what_a_build_left(self, tmp_path: Path) -> None:
        """The copies in `build/lib` are not judged beside their originals; a package of such a name is."""
        tree(tmp_path, "shop/__init__.py", "build/lib/shop/__init__.py", "dist/__init__.py", "venv/x.py")
        assert ("dist", "shop") == discover(tmp_path).roots

    def test_directories_that_are_no_packages(self, tmp_path: Path) -> None:
        """Where there is nothing to import, scripts and functions in directories of their own are judged."""
        tree(
            tmp_path,
            "scripts/run.py",
            "my-function/handler.py",
            "my-env/pyvenv.cfg",
            "my-env/lib/x.py",
            "docs/conf.py",
            "build/lib/old.py",
            "tests/test_run.py",
            ".hidden/x.py",
        )
        assert ("my-function", "scripts") == discover(tmp_path).roots
        (tmp_path / "single.py").touch()
        assert ("single.py",) == discover(tmp_path).roots

    def test_root_that_cannot_be_listed(self, tmp_path: Path) -> None:
        """A root that is gone has nothing to judge."""
        assert () == judged_roots(tmp_path / "gone")

    def test_named_by_the_user(self, tmp_path: Path) -> None:
        """What the user names is judged and nothing else: directories, files, packages."""
        tree(tmp_path, "src/shop/a.py", "src/shop/__init__.py", "extra/b.py", "one.py", "other/__init__.py")
        found = discover(tmp_path, ["shop", "extra", "one.py"])
        assert ("src/shop", "extra", "one.py") == found.roots
        assert ["extra.b", "one", "shop", "shop.a"] == sorted(modules(found))

    def test_named_and_missing(self, tmp_path: Path) -> None:
        """Each name that leads nowhere is told."""
        with pytest.raises(ConfigurationError) as caught:
            discover(tmp_path, ["nothing", "../up"])
        assert 2 == len(caught.value.problems)
        assert "no directory, file or package `nothing`" in caught.value.problems[0]

    def test_nothing_there(self, tmp_path: Path) -> None:
        """An empty directory is no error: there is nothing to judge."""
        assert Selection((), ()) == discover(tmp_path)


class TestNames:
    """Under which name a file is imported."""

    @pytest.mark.parametrize(
        ("paths", "expected"),
        [
            (
                ["shop/__init__.py", "shop/web/api.py", "shop/web/__init__.py"],
                ["shop", "shop.web", "shop.web.api"],
            ),
            (["google/cloud/storage/__init__.py", "google/cloud/storage/a.py"], 2 * ["google.cloud.storage"]),
            (["app/main.py"], ["app.main"]),
            (["app/main.py", "app/Dockerfile"], ["main"]),
            (["pkg-1.0/src/pkg/__init__.py"], ["pkg"]),
            (["lib/pkg/__init__.py"], ["pkg"]),
        ],
    )
    def test_packages_and_namespaces(self, tmp_path: Path, paths: list[str], expected: list[str]) -> None:
        """Packages nest; a directory of nothing but modules is a namespace; containers are no part of a name."""
        found = modules(for_path(tree(tmp_path, *paths))[1])
        assert sorted(expected) == sorted(name.removesuffix(".a") for name in found)

    def test_inside_a_package(self, tmp_path: Path) -> None:
        """A directory or file within a package is named from the outermost package on."""
        tree(tmp_path, "shop/__init__.py", "shop/web/__init__.py", "shop/web/api.py")
        assert ["shop.web", "shop.web.api"] == modules(for_path(tmp_path / "shop/web")[1])
        root, found = for_path(tmp_path / "shop/web/api.py")
        assert (tmp_path / "shop/web", ["shop.web.api"]) == (root, modules(found))

    def test_two_copies_of_one_name(self, tmp_path: Path) -> None:
        """Two files of one name are both judged."""
        found = for_path(tree(tmp_path, "a/src/pkg/__init__.py", "b/src/pkg/__init__.py"))[1]
        assert ["pkg", "pkg"] == modules(found)

    def test_for_coverage_and_the_type_checker(self, tmp_path: Path) -> None:
        """The roots give their packages' names, and the directories that imports start from."""
        tree(tmp_path, "src/shop/__init__.py", "src/shop/a.py", "src/single.py")
        found = discover(tmp_path)
        assert {"src/shop": "shop", "src/single.py": "single"} == found.root_modules()
        assert ("src",) == found.import_roots()
        assert (".",) == for_path(tree(tmp_path / "x", "p/__init__.py"))[1].import_roots()


class TestRoles:
    """Source, or something that is counted only."""

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("pkg/api.py", "source"),
            ("pkg/test_api.py", "test"),
            ("pkg/api_test.py", "test"),
            ("pkg/conftest.py", "test"),
            ("pkg/tests/data.py", "test"),
            ("pkg/test/data.py", "test"),
            ("testing/data.py", "test"),
            ("pkg/testing/data.py", "source"),
            ("pkg/tests.py", "source"),
            ("pkg/api_pb2.py", "generated"),
            ("pkg/api_pb2_grpc.py", "generated"),
            ("pkg/migrations/0001_initial.py", "generated"),
            ("pkg/migrations/helpers.py", "source"),
            ("pkg/versions/abc.py", "source"),
            ("pkg/_vendor/x/y.py", "vendored"),
            ("third_party/x.py", "vendored"),
        ],
    )
    def test_by_name(self, tmp_path: Path, path: str, expected: str) -> None:
        """The name of a file and of its directories tells its role."""
        (file,) = for_path(tree(tmp_path, path))[1].files
        assert expected == file.role

    def test_django_tests(self, tmp_path: Path) -> None:
        """A `tests.py` beside an application's models is a test."""
        assert ["blog.tests"] == modules(
            for_path(tree(tmp_path, "blog/models.py", "blog/tests.py"))[1], "test"
        )

    def test_alembic(self, tmp_path: Path) -> None:
        """The versions beside Alembic's template are generated."""
        tree(tmp_path, "alembic/script.py.mako", "alembic/versions/1a2b_add.py", "alembic/env.py")
        files = for_path(tmp_path)[1].files
        assert ["source", "generated"] == [file.role for file in files]

    @pytest.mark.parametrize(
        ("head", "expected"),
        [
            ("# Generated by the compiler\nx = 1\n", "generated"),
            ("#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n\n# @generated\n", "generated"),
            ("\ufeff# Code generated by x. DO NOT EDIT.\n", "generated"),
            ('"""Tables.\n\nDO NOT EDIT, see make.py.\n"""\n', "generated"),
            ("import x\n# generated by hand\n", "source"),
            ('"""Reads what is generated by x."""\n', "source"),
            ('MARK = "DO NOT EDIT"\n', "source"),
            ("", "source"),
        ],
    )
    def test_by_header(self, tmp_path: Path, head: str, expected: str) -> None:
        """Only the comments and the docstring before the first code can say that a file is generated."""
        (tmp_path / "a.py").write_text(head, encoding="utf-8")
        (file,) = for_path(tmp_path)[1].files
        assert expected == file.role

    def test_left_out_in_words(self, tmp_path: Path) -> None:
        """What is not judged is counted by its role; tests beside the source are found as well."""
        tree(
            tmp_path,
            "src/pkg/__init__.py",
            "src/pkg/a_pb2.py",
            "src/pkg/x.py",
            "tests/test_a.py",
            "tests/b.py",
        )
        found = discover(tmp_path, exclude=["x.py"])
        assert ["pkg"] == modules(found)
        assert ("1 generated file", "2 test files", "1 file by `exclude`") == found.left_out()

    def test_tests_beside_what_is_judged(self, tmp_path: Path) -> None:
        """Test files at the top level, and tests beside each package of a repository with several, are known."""
        tree(
            tmp_path,
            "packages/one/src/one/__init__.py",
            "packages/one/tests/test_one.py",
            "packages/two/two.py",
            "packages/two/test_two.py",
            "packages/two/helper.py",
            "packages/two/tests",
            "test_top.py",
            "tool.py",
        )
        found = discover(tmp_path, ["packages/one/src/one", "packages/two/two.py"])
        assert ["one", "two"] == modules(found)
        assert ["packages/one/tests/test_one.py", "packages/two/test_two.py", "test_top.py"] == [
            file.path for file in found.files if file.role == "test"
        ]

    def test_patterns_as_in_gitignore(self, tmp_path: Path) -> None:
        """`exclude` takes directories, stars and exceptions."""
        tree(tmp_path, "pkg/__init__.py", "pkg/gen/a.py", "pkg/gen/keep.py", "pkg/deep/b.py")
        found = for_path(tmp_path, ["pkg/gen/*", "!keep.py", "**/deep/"])[1]
        assert ["pkg", "pkg.gen.keep"] == modules(found)

    def test_wrong_pattern(self, tmp_path: Path) -> None:
        """A pattern that is none is told."""
        with pytest.raises(ConfigurationError, match="exclude: "):
            for_path(tmp_path, ["!"])


class TestWalk:
    """Trees that are not as they should be."""

    def test_not_entered(self, tmp_path: Path) -> None:
        """Environments, caches, build output and hidden directories are nobody's source."""
        tree(
            tmp_path,
            "pkg/__init__.py",
            "pkg/build/__init__.py",
            ".hidden/a.py",
            "build/lib/a.py",
            "dist/a.py",
            "node_modules/a.py",
            "pkg/__pycache__/a.py",
            "odd/pyvenv.cfg",
            "odd/lib/a.py",
            "x.egg-info/a.py",
            "x-1.dist-info/a.py",
        )
        assert ["pkg", "pkg.build"] == modules(for_path(tmp_path)[1])

    @pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
    def test_links(self, tmp_path: Path) -> None:
        """A loop of links ends, a directory is judged once, a link to nothing is no file."""
        tree(tmp_path, "pkg/__init__.py", "pkg/a.py")
        (tmp_path / "pkg/up").symlink_to(tmp_path)
        (tmp_path / "again").symlink_to(tmp_path / "pkg")
        (tmp_path / "self").symlink_to(tmp_path / "self")
        (tmp_path / "gone.py").symlink_to(tmp_path / "nothing.py")
        assert ["pkg/__init__.py", "pkg/a.py"] == [file.path for file in for_path(tmp_path)[1].files]

    @pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is unreadable for root"
    )
    def test_unreadable_directory(self, tmp_path: Path) -> None:
        """A directory that cannot be listed is counted, and the rest is judged."""
        tree(tmp_path, "pkg/__init__.py", "pkg/secret/a.py")
        (tmp_path / "pkg/secret").chmod(0)
        try:
            found = for_path(tmp_path)[1]
        finally:
            (tmp_path / "pkg/secret").chmod(0o755)
        assert ["pkg"] == modules(found)
        assert ("1 unreadable directory",) == found.left_out()

    def test_directory_that_vanishes(self, tmp_path: Path) -> None:
        """A directory that is not there is unreadable, not a crash."""
        assert ("1 unreadable directory",) == for_path(tmp_path / "gone")[1].left_out()

    def test_names_with_spaces_and_letters(self, tmp_path: Path) -> None:
        """Directories of any name are walked."""
        assert ["pkg.größe"] == modules(for_path(tree(tmp_path / "mein Projekt ä", "pkg/größe.py"))[1])
