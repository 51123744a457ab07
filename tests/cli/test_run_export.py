"""`runs export` through the command."""

import csv
import io
import json
from pathlib import Path

from click.testing import CliRunner

from lstmterm.cli import lstmterm
from lstmterm.runs import storage
from tests.recorded import FINISHED, STARTED, STEP, a_run


def test_csv_and_json_go_to_stdout_or_a_file(tmp_path: Path) -> None:
    a_run("20250101-000000-harbour", STARTED, STEP, FINISHED)
    run = CliRunner().invoke
    rows = [*csv.DictReader(io.StringIO(run(lstmterm, ["runs", "export", "harbour"]).stdout))]
    assert [(row["step"], row["train_loss"]) for row in rows] == [("1", "1")]
    target = tmp_path / "out.json"
    done = run(lstmterm, ["runs", "export", "harbour", str(target), "--format", "json"])
    assert (done.exit_code, done.stdout) == (0, "")
    assert json.loads(target.read_text())["id"] == storage.find("harbour").id
