import subprocess
import sys

import measure
import pytest

BURN = "import time\nwhile time.process_time() < {seconds}: pass\n"


def python(code):
    return [sys.executable, "-c", code]


def test_output_exit_code_and_cpu_of_a_command():
    measured = measure.run(python(BURN.format(seconds=0.3) + "print('out')"))
    assert (measured.code, measured.stdout, measured.stderr) == (0, "out\n", "")
    assert measured.cpu >= 0.3


def test_descendants_count_also_when_their_parent_is_gone():
    child = BURN.format(seconds=0.3) + "b = bytearray(60_000_000)"
    measured = measure.run(python(f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}])"))
    assert measured.cpu >= 0.3
    assert measured.peak >= 60_000_000


def test_memory_of_processes_is_added_up():
    code = """
import os, sys
read, write = os.pipe()
parent = os.fork()
held = bytearray(50_000_000)
if not parent:
    os.write(write, b"x")
else:
    os.read(read, 1)
    print("both hold it", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(python(code), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        alone = measure._resident(process.pid)
        assert 50_000_000 <= alone < 100_000_000
        assert sum(map(measure._resident, measure._tree(process.pid))) >= 100_000_000


def test_a_failing_command_is_an_error_unless_its_code_is_expected():
    failing = python("import sys; sys.exit('no such thing')")
    with pytest.raises(measure.CommandError, match=r"exit code 1 of .*no such thing"):
        measure.run(failing)
    assert measure.run(failing, codes=(0, 1)).code == 1
    with pytest.raises(measure.CommandError, match="cannot be run"):
        measure.run(["/no/such/command"])


def test_a_signal_is_a_negative_code():
    assert measure.run(python("import os; os.kill(os.getpid(), 9)"), codes=(-9,)).code == -9


def test_phases_are_read_from_stderr_and_added_up():
    lines = "phase scan 1.5\\nother\\nphase merge 1\\nphase scan 0.25\\nphase read back 2"
    code = f"import sys; print('{lines}', file=sys.stderr)"
    assert measure.run(python(code)).phases == {"scan": 1.75, "merge": 1.0, "read back": 2.0}


def test_environment_is_added_to():
    code = "import os; print(os.environ['ONE_MORE'], 'PATH' in os.environ)"
    assert measure.run(python(code), env={"ONE_MORE": "1"}).stdout == "1 True\n"
