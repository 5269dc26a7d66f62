"""The command line: parse, call the API, show; every message to a person comes from here or from `report`."""
