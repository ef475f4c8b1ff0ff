"""Drivers of Stanford Research Systems' EC301, by itself and with an analyzer."""
