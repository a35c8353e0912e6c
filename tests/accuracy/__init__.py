"""How right the call-site facts are, measured on labelled modules of real packages."""
