"""The simulator is worth something: it catches every planted bug, and the clean code holds where it does."""

import pytest

from simulation.bugs import BUGS, catch, main


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_caught(name):
    bug = BUGS[name]
    caught = catch(bug)
    assert not caught.survived, f"{bug.wrong} survived {bug.within} seeds"
    assert caught.invariant in bug.breaks


def test_an_unknown_bug_is_named(capsys):
    assert main(["no such thing"]) == 2
    assert "no such thing" in capsys.readouterr().err
