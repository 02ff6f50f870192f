"""The longer inputs of procurement's actions."""
