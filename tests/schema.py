"""As much of JSON Schema as the schemas in `docs/schemas` use; an unknown word is an error."""

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
WORDS = {"$schema", "title", "description", "type", "enum", "minimum", "items", "minItems", "maxItems"} | {
    "properties",
    "required",
    "additionalProperties",
}


def check(value, schema, place="$"):
    """Raise AssertionError unless the value is what the schema says."""
    assert set(schema) <= WORDS, f"{place}: the schema uses {set(schema) - WORDS}"
    kinds = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", list(TYPES))
    assert not isinstance(value, bool), place
    assert isinstance(value, tuple(TYPES[kind] for kind in kinds)), f"{place} is {value!r}, not {kinds}"
    assert value in schema.get("enum", [value]), f"{place} is {value!r}"
    if isinstance(value, int | float):
        assert value >= schema.get("minimum", value), f"{place} is {value}"
    if isinstance(value, list):
        assert schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)), place
        for position, item in enumerate(value):
            check(item, schema.get("items", {}), f"{place}[{position}]")
    if isinstance(value, dict):
        check_object(value, schema, place)


def check_object(value, schema, place):
    missing = set(schema.get("required", ())) - set(value)
    assert not missing, f"{place} lacks {missing}"
    for key, item in value.items():
        known = schema.get("properties", {}).get(key)
        others = schema.get("additionalProperties", {})
        assert known is not None or others is not False, f"{place} has {key!r}"
        check(item, known if known is not None else others, f"{place}.{key}")
