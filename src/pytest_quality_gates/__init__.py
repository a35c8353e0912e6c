"""One pytest run that says whether the code is ready for production."""
