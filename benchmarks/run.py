"""Runs the measurements: `python benchmarks/run.py [--tiny] [--only NAME …] [--database NAME …]`."""

import os
import sys
from pathlib import Path

os.chdir(Path(__file__).resolve().parents[1])
os.execv(sys.executable, [sys.executable, "-m", "benchmarks", *sys.argv[1:]])
