"""The Open API described: schemas, OpenAPI document, a page for people."""
