"""The benches of a lab on one board: their states over an MQTT broker, and a page that shows them."""
