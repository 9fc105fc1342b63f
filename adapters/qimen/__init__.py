"""Alibaba Qimen: signed XML over HTTP, through the gateway or to a warehouse directly.

Source: the published API metadata of taobao.qimen.* (2.0) and the rules of the TOP signature.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from adapters.kit.http import Http, Transport
from adapters.kit.settings import RotatingSecret, revealed
from adapters.kit.signature import top_sign
from adapters.ports import Answer, Call, Delivery, Receipt
from adapters.qimen.answers import Answered, read_answer
from adapters.qimen.door import answered, authentic, stamp
from hub.model.document import Document
from hub.model.errors import BadData, Contradiction, OutcomeUnknown, Rejected, TryLater
from hub.model.fulfilment import (
    FulfilmentCancellation,
    FulfilmentOrder,
    FulfilmentStatus,
    WarehouseWord,
)
from mappings.kit import Context, code_lists, decode, encode, zone
from mappings.qimen import Sender, Terms, check_topic, decoders, encoders, identity, query, topic_of
from mappings.qimen.fields import decimal

_CANCELLED = frozenset({"CANCELED", "CLOSED"})
_TOO_LATE = frozenset({"CANCELEDFAIL", "DELIVERED", "PARTDELIVERED"})


class Settings(BaseModel):
    """Settings and secrets of one warehouse connection."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field(description="the gateway's or the warehouse's address")
    app_key: str = Field(min_length=1, description="the key of our application")
    app_secret: RotatingSecret = Field(description="the secret of our application, newest first")
    customer_id: str = Field(min_length=1, description="the customerId agreed with the warehouse")
    owner_code: str = Field(min_length=1, description="the ownerCode of the goods")
    warehouse_code: str = Field(min_length=1, description="the warehouseCode, or OTHER")
    method_prefix: str = Field("taobao.qimen.", description="before method names; may be empty")
    sign_method: Literal["md5", "hmac", "hmac-sha256"] = "md5"
    version: str = "2.0"
    time_zone: str = Field("Asia/Shanghai", description="of the times in messages")
    shop_nick: str | None = Field(None, description="the shop's name; absent: the merchant")
    logistics_code: str = Field("OTHER", description="the carrier where the order names none")
    order_type: str = Field("JYCK", description="the document type of delivery orders")
    source_platform: str = "OTHER"
    unknown_mobile: str = Field("00000000000", description="for receivers without a telephone")
    sender_name: str | None = None
    sender_mobile: str | None = None
    sender_province: str | None = None
    sender_city: str | None = None
    sender_address: str | None = None
    sender_company: str | None = None
    sender_postal_code: str | None = None
    sender_country: str | None = None

    @model_validator(mode="after")
    def _sender_whole(self) -> Self:
        parts = self._sender_parts()
        if any(parts) and not all(parts):
            message = "a sender needs sender_name, _mobile, _province, _city and _address"
            raise PydanticCustomError("missing_field", message)
        return self

    def _sender_parts(self) -> tuple[str | None, ...]:
        place = (self.sender_province, self.sender_city, self.sender_address)
        return (self.sender_name, self.sender_mobile, *place)

    def terms(self) -> Terms:
        """What the mapping needs of these settings."""
        name, mobile, province, city, address = self._sender_parts()
        sender = None
        if name and mobile and province and city and address:
            sender = Sender(
                name=name,
                mobile=mobile,
                province=province,
                city=city,
                address=address,
                postal_code=self.sender_postal_code,
                country=self.sender_country,
                company=self.sender_company,
            )
        return Terms(
            owner_code=self.owner_code,
            warehouse_code=self.warehouse_code,
            shop_nick=self.shop_nick,
            logistics_code=self.logistics_code,
            order_type=self.order_type,
            source_platform=self.source_platform,
            unknown_mobile=self.unknown_mobile,
            sender=sender,
        )


class Qimen:
    """One warehouse that speaks Qimen."""

    SETTINGS: ClassVar[type[BaseModel]] = Settings

    def __init__(
        self,
        settings: Settings,
        at: Context,
        transport: Transport,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings, self._clock = settings, clock
        self._secrets = revealed(settings.app_secret)
        codes = {**code_lists("qimen"), **at.codes}
        self._at = replace(at, codes=codes, zone=zone(settings.time_zone))
        self._terms = settings.terms()
        self._decoders, self._encoders = decoders(clock), encoders(self._terms)
        self._http = Http(settings.api_url, {}, transport, secrets=self._secrets)

    def check(self) -> None:
        """Ask for an order that cannot exist: that it is unknown is answer enough."""
        answer = self._call(
            "deliveryorder.query", query("orderhub-check", self._terms), write=False
        )
        if not answer.ok and answer.meaning in {"busy", "unanswered", "unauthorised"}:
            raise answer.fate("deliveryorder.query", write=False)

    def verify(self, call: Call, now: datetime) -> Delivery:
        params = authentic(call, self._secrets, self._settings.customer_id, now)
        topic = topic_of(params.get("method", ""))
        known = identity(topic, call.body)
        return Delivery(topic, known.id, known.key)

    def decode(self, topic: str, raw: bytes) -> list[Document]:
        check_topic(topic)
        documents = decode(self._decoders, topic, raw, self._at)
        for document in documents:
            self._ours(document)
        return documents

    def _ours(self, document: Document) -> None:
        """Stock of another owner or another warehouse is never booked as ours."""
        if document.type not in {"stock_report", "stock_change"}:
            return
        ours = {"ownerCode": self._terms.owner_code, "warehouseCode": self._terms.warehouse_code}
        for name, own in ours.items():
            told = document.attributes.get(name)
            if told is not None and "OTHER" not in {own, told} and told != own:
                raise Contradiction(f"{told} is told, this connection has {own}", path=name)

    def answer(self, code: str | None, message: str) -> Answer:
        return answered(code, message)

    def send(self, document: Document, key: str) -> Receipt:  # noqa: ARG002  # the code is the key
        body = encode(self._encoders, document, self._at)
        if isinstance(document, FulfilmentCancellation):
            return self._cancel(document, body)
        return self._create(document, body)

    def _create(self, document: Document, body: bytes) -> Receipt:
        method = "deliveryorder.create"
        answer = self._call(method, body, write=True)
        if answer.ok:
            return Receipt(_references(answer) or document.business_id)
        found = self.find(document) if answer.meaning == "exists" else None
        if found is None:
            raise answer.fate(method, write=True)
        return found

    def _cancel(self, document: FulfilmentCancellation, body: bytes) -> Receipt:
        """The answer is the warehouse's word: cancelled, or too late for it."""
        method = "order.cancel"
        answer = self._call(method, body, write=True)
        if not answer.ok and answer.meaning not in {"refused", "exists"}:
            raise answer.fate(method, write=True)
        word: WarehouseWord = "cancelled" if answer.ok else "cancel_refused"
        return self._word(document, word, f"{answer.code} {answer.message}".strip())

    def _word(self, document: FulfilmentCancellation, word: WarehouseWord, message: str) -> Receipt:
        order, now = document.fulfilment_order_id, self._clock()
        status = FulfilmentStatus(
            source=self._at.source(f"{order}:{word}:{document.source.id}", occurred_at=now),
            fulfilment_order_id=order,
            status=word,
            at=now,
            message=message or None,
            warehouse_reference=document.warehouse_reference,
        )
        return Receipt(document.warehouse_reference or order, (status,))

    def find(self, document: Document) -> Receipt | None:
        method = "deliveryorder.query"
        answer = self._call(method, query(document.business_id, self._terms), write=False)
        if not answer.ok:
            if answer.meaning == "unknown":
                return None
            raise answer.fate(method, write=False)
        head = answer.tree.child("deliveryOrder")
        if head.text("deliveryOrderCode") != document.business_id:
            return None
        if isinstance(document, FulfilmentCancellation):
            return self._found_cancelled(document, head.text("status") or "")
        if isinstance(document, FulfilmentOrder):
            _same(document, answer)
        return Receipt(head.text("deliveryOrderId") or document.business_id)

    def _found_cancelled(self, document: FulfilmentCancellation, status: str) -> Receipt | None:
        if status in _CANCELLED:
            return self._word(document, "cancelled", status)
        return self._word(document, "cancel_refused", status) if status in _TOO_LATE else None

    def _call(self, method: str, body: bytes, *, write: bool) -> Answered:
        settings = self._settings
        params = {
            "method": f"{settings.method_prefix}{method}",
            "timestamp": stamp(self._clock()),
            "format": "xml",
            "app_key": settings.app_key,
            "v": settings.version,
            "sign_method": settings.sign_method,
            "customerId": settings.customer_id,
        }
        sign = top_sign(self._secrets[0], params, body, settings.sign_method)
        raw = self._http.call(
            "POST",
            body=body,
            query={**params, "sign": sign},
            content_type="text/xml; charset=utf-8",
            write=write,
            read="bytes",
        )
        try:
            said = read_answer(raw)
        except BadData as error:
            fate = OutcomeUnknown if write else TryLater
            raise fate(f"{method} answered what cannot be read: {error}") from None
        if said.ok:
            return said
        code, message = self._http.scrub([said.code, said.message])
        return replace(said, code=code, message=message)


def _references(answer: Answered) -> str:
    """The warehouse's own numbers of the order: several where it cut it into several."""
    split = [one.text("deliveryOrderId") for one in answer.tree.entries("deliveryOrders")]
    return ",".join(dict.fromkeys(filter(None, [answer.tree.text("deliveryOrderId"), *split])))


def _same(document: FulfilmentOrder, answer: Answered) -> None:
    """An order found under our number must hold our lines."""
    told = [
        (line.text("itemCode") or "", line.text("planQty"))
        for line in answer.tree.entries("orderLines")
    ]
    if not told or any(count is None for _, count in told):
        return
    ours = sorted((line.sku, line.quantity) for line in document.lines)
    theirs = sorted((code, decimal(count, path="orderLines.planQty")) for code, count in told)
    if ours != theirs:
        message = f"{document.business_id} is there with other lines"
        raise Rejected(message, code="differs_at_partner")
