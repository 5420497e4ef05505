"""What a campus needs and costs: gas, water, site capital, yearly power and taxes."""
