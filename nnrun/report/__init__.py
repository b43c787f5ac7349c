"""Everything after training, from the run folder alone: figures, findings, tables, the report page."""
