"""SOAP by zeep over the session: WSDL from a file or from the partner, faults as fates.

A WSDL is read once for all threads; each has a client of its own. Documents that it leads to are
fetched through the session only, so from hosts of this connection; one that lies in a folder reads
nothing outside of it, and one that a partner gave nothing on this machine. No DTDs, no entities.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import zeep
from lxml import etree
from zeep.exceptions import Error, Fault, TransportError, ValidationError
from zeep.wsdl import Document
from zeep.wsdl.messages import DocumentMessage
from zeep.wsse.username import UsernameToken

from adapters.kit.http.line import lost
from adapters.kit.http.meaning import meant
from adapters.kit.session import Session
from adapters.kit.soap.faults import Table, fate_of_fault
from adapters.kit.soap.sources import Kept, Over
from hub.model.errors import BadData, NotAuthorised, Rejected

_OWN = frozenset({400, 500})
"""Statuses that carry a fault."""
_STRICT = {"forbid_dtd": True, "forbid_entities": True}

Heads = Callable[[zeep.Client], Iterable[Any]]
"""Makes the SOAP headers of one call, fresh each time."""


class Soap:
    """One service of one WSDL. Safe to use from several threads."""

    def __init__(
        self,
        wsdl: str | Path,
        session: Session,
        *,
        address: str | None = None,
        service: str | None = None,
        port: str | None = None,
        user: tuple[str, str] | None = None,
        digest: bool = False,
        heads: Heads | None = None,
        fates: Table | None = None,
        kept: Path | None = None,
    ) -> None:
        """`wsdl`: a path, or a URL of a host that the session may call. `address`: where the
        service is, if not where the WSDL says. `user`: name and password of WS-Security's
        UsernameToken, `digest` as its digest; that holds for a moment by the partner's clock, and
        is made anew once where it is refused. `fates`: code or detail of a fault -> fate. `kept`: a
        folder of this machine for documents from the partner, as `Transport` names it.
        """
        self._wsdl, self._session = str(wsdl), session
        self._kept = Kept(kept) if kept else None
        self._address, self._service, self._port = address, service, port
        self._token = UsernameToken(*user, use_digest=digest) if user else None
        self._renews = user is not None and digest
        self._heads, self._fates = heads, fates or {}
        self._lock, self._own = threading.Lock(), threading.local()
        self._document: Document | None = None

    def ask(self, operation: str, *args: Any, **message: Any) -> Any:
        """The answer to a question that changes nothing."""
        return self._calls(operation, args, message, write=False)

    def tell(self, operation: str, *args: Any, **message: Any) -> Any:
        """The answer to what changes something at the partner."""
        return self._calls(operation, args, message, write=True)

    def message(self, operation: str, *args: Any, **message: Any) -> bytes:
        """The envelope that a call sends. BadData where the WSDL does not allow it."""
        client, service = self._client()
        try:
            tree = client.create_message(service, operation, *args, **self._headed(client, message))
        except (ValidationError, TypeError, LookupError, AttributeError, ValueError) as error:
            raise _against(operation, error) from None
        return bytes(etree.tostring(tree))

    def type(self, name: str) -> Any:
        """A type of the WSDL by its name, `{namespace}name`, to make values of."""
        return self._client()[0].get_type(name)

    def element(self, name: str) -> Any:
        """An element of the WSDL by its name, say of a SOAP header."""
        return self._client()[0].get_element(name)

    def _calls(self, operation: str, args: Any, message: Mapping[str, Any], *, write: bool) -> Any:
        try:
            return self._call(operation, args, message, write=write)
        except NotAuthorised:
            if not self._renews:
                raise
            return self._call(operation, args, message, write=write)

    def _call(self, operation: str, args: Any, message: Mapping[str, Any], *, write: bool) -> Any:
        client, service = self._client()
        over: Over = client.transport
        over.posted = False
        try:
            with meant(write=write, own=_OWN):
                return getattr(service, operation)(*args, **self._headed(client, message))
        except Fault as fault:
            raise fate_of_fault(fault, self._fates, self._session.scrub, write=write) from None
        except TransportError as error:
            raise _unreadable(operation, error, write=write) from None
        except (
            Error,
            TypeError,
            LookupError,
            AttributeError,
            ValueError,
            ArithmeticError,
        ) as error:
            if not over.posted:
                raise _against(operation, error) from None
            message_ = f"{operation} answered what the WSDL does not have"
            raise lost(message_, write=write) from None

    def _headed(self, client: zeep.Client, message: Mapping[str, Any]) -> dict[str, Any]:
        heads = {"_soapheaders": list(self._heads(client))} if self._heads else {}
        return {**message, **heads}

    def _client(self) -> tuple[zeep.Client, Any]:
        """This thread's client and its service."""
        if not hasattr(self._own, "client"):
            settings = zeep.Settings(**_STRICT)
            over = Over(self._session, self._wsdl, self._kept)
            try:
                self._own.client = self._made(over, settings)
            except (Error, etree.LxmlError, LookupError, ValueError, OSError) as error:
                words = f"the WSDL cannot be used: {error}"[:300]
                raise Rejected(self._session.scrub(words), code="bad_wsdl") from None
        client, service = self._own.client
        return client, service

    def _made(self, over: Over, settings: zeep.Settings) -> tuple[zeep.Client, Any]:
        """A client of the WSDL, which whoever is first reads."""
        with self._lock:
            if self._document is None:
                with meant(write=False, own=()):
                    self._document = Document(self._wsdl, over, settings=settings)
        client = zeep.Client(
            self._document,
            wsse=self._token,
            transport=over,
            settings=settings,
            plugins=[_Expected()],
        )
        service = client.bind(self._service, self._port)
        if service is None:
            raise ValueError("it has no service")
        if self._address is not None:
            service = client.create_service(service._binding.name, self._address)  # noqa: SLF001
        return client, service


class _Expected(zeep.Plugin):  # type: ignore[misc]  # zeep has no types
    """Holds an answer to the element that the WSDL has: zeep takes another for an empty one."""

    def ingress(self, envelope: Any, http_headers: Any, operation: Any) -> tuple[Any, Any]:
        """Look at an answer before it is read."""
        body = envelope.find("{*}Body")
        elements = [] if body is None else list(body)
        faults = any(etree.QName(element).localname == "Fault" for element in elements)
        if isinstance(operation.output, DocumentMessage) and not faults:
            expected = getattr(operation.output.body, "qname", None)
            if expected is not None and [element.tag for element in elements] != [expected.text]:
                raise LookupError("another element")
        return envelope, http_headers


def _against(operation: str, error: Exception) -> BadData:
    """What we would send is not what the WSDL has: nothing was sent."""
    words = str(error).strip("'\"")[:300]
    return BadData(f"the WSDL does not have it so: {words}", path=operation, code="bad_message")


def _unreadable(operation: str, error: TransportError, *, write: bool) -> Exception:
    """An answer that is no SOAP."""
    message = f"{operation} answered {error.status_code or 'no SOAP'}, unreadable"
    refused = 400 <= (error.status_code or 0) < 500
    return Rejected(message) if refused else lost(message, write=write)
