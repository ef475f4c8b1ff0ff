"""The techniques: generators of readings and impedance points that never switch themselves."""
