"""Reading GraphQL documents, as far as a partner needs."""

import pytest

from sandbox.shopify.document import SyntaxFault, parse


def test_documents_are_read_with_comments_literals_and_aliases():
    (operation,) = parse('''
      # a comment with "quotes"
      query Find($n: Int = 5, $ids: [ID!]!) @live {
        one: orders(first: $n, query: "name:#1001", reverse: true) { nodes { id(a: 1) } }
        order(id: """gid""") { ... on Order { id } }
      }''').values()
    assert (operation.kind, operation.name) == ("query", "Find")
    assert operation.types == {"n": "Int", "ids": "[ID!]!"}
    assert operation.defaults == {"n": 5}
    assert [(it.alias, it.name) for it in operation.fields] == [("one", "orders"), ("order",) * 2]
    assert operation.fields[0].arguments["query"] == "name:#1001"
    assert operation.fields[1].arguments == {"id": "gid"}


@pytest.mark.parametrize("text", ["", "{", "{ a(b: ) }", "query {", "subscription { a }", "{ ^ }"])
def test_what_is_no_document_is_a_syntax_error(text):
    with pytest.raises(SyntaxFault):
        parse(text)
