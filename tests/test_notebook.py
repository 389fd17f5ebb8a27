"""The notebook of the examples, run from top to bottom in a kernel of its own."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parent.parent / "examples" / "notebook.ipynb"


def test_the_notebook_is_committed_without_outputs():
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    assert [(cell.outputs, cell.execution_count) for cell in cells if cell.cell_type == "code"] == [
        ([], None)
    ] * 7


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    folder = tmp_path_factory.mktemp("notebook")
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}}
    )
    client.execute()
    return [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]


def test_training_fills_a_table_in_the_cell_and_writes_nothing_else(executed):
    for outputs, runs in ((executed[1], ["shapes-1"]), (executed[3], ["shapes-2", "shapes-3"])):
        tables = [output.data for output in outputs]
        assert [table["text/plain"].splitlines()[0] for table in tables] == runs
        for table in tables:
            assert table["text/plain"].splitlines()[-1].startswith("epoch 5/5 · −ELBO ")
            assert "<td>0/5</td>" in table["text/html"]
            assert table["text/html"].endswith("</table>")


def test_every_experiment_ends_in_a_picture(executed):
    kinds = [set(executed[cell][0].data) - {"text/plain"} for cell in (2, 4, 5, 6)]
    assert kinds == [{"image/png"}, {"image/gif"}, {"image/gif"}, {"image/png"}]


def test_outside_of_notebooks_training_shows_nothing_and_imports_no_ipython():
    program = (
        "import sys; from vaecli.notebook import in_notebook; print(in_notebook(), 'IPython' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
