"""The measurements run, and what they lean on stays as small as it was."""
