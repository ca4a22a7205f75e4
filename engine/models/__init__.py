"""The documents of the house as frozen models; JSON Schemas are generated from them."""
