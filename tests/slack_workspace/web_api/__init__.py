"""The Web API: how a call is read, and what each method does."""
