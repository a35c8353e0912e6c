"""What is so, with no judgement: frozen values that can be written as JSON and read back."""
