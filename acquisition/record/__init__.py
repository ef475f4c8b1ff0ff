"""The record of a run: journal, live file, final file and their reader."""
