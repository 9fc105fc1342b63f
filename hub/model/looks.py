"""What looks personal in foreign words, and how to show them without it.

Who is named in a partner's answer need not be anybody the hub knows. So whatever reads like a mail
address, a telephone number, a street, or a name by its salutation, its label or its capitals, is
masked. Codes, amounts, times and numbers of orders and parcels stay.
"""

import re

from hub.model.personal import MASK

_LABELS = (
    r"(?:first|last|full|given|family|sur)?[ _-]?name|recipient|receiver|consignee|addressee"
    r"|customer|buyer|contact|attn|attention|phone|telephone|tel|mobile|cell|e-?mail|address"
    r"|address[ _-]?line[ _-]?[12]?|street|address1|address2|city|town|zip|post(?:al)?[ _-]?code"
    r"|birth[ _-]?(?:day|date)|company|tax[ _-]?id|passport"
)
_TITLES = (
    r"Mrs?|Ms|Miss|Mx|Dr|Prof|Sir|Madam|Herrn?|Frau|Dhr|Mevr|Mw|Heer|Mevrouw|Monsieur|Madame|Mme"
    r"|Mlle|Se[nñ]ora?|Sra?|Signora?|Sig|Dear|Hr|Fru|Pan[i]?"
)
_STREETS = (
    r"straat|gracht|laan|weg|plein|kade|stra(?:ss|ß)e|str\.|platz|gasse|allee|ring|damm|street"
    r"|st\.|road|rd\.?|avenue|ave\.?|lane|drive|boulevard|blvd\.?|square|way|court|terrace"
)
_HAN_LABELS = "收货人|收件人|联系人|姓名|客户|顾客|买家|买方|手机号?|电话|地址|收货地址|身份证号?"
_PLAIN = """
a an and another any are at bad be by can could does for from has have in internal is it its no not
of on or out please service that the there this to too unable was were while will with already after
before cannot can't doesn't error errors exception fatal warning failure failed invalid unknown
missing wrong unexpected unauthorized unauthorised forbidden found gateway timeout time request
response server client proxy entity content method allowed acceptable conflict gone length required
precondition payload large uri long unsupported media type range expectation upgrade many requests
header fields unavailable implemented version network authentication access denied token expired
permission account user login password key api json xml http https utf iso sku ean gtin upc qty
order orders number line lines item items product products article articles stock inventory quantity
quantities warehouse carrier shipment shipping parcel package tracking delivery address customer
country currency amount total price tax code codes field fields value values data document message
reference status state id date account sales sale purchase refund return party invoice payment
duplicate exists exist created updated deleted rejected accepted cancelled canceled pending
processing completed complete open closed monday tuesday wednesday thursday friday saturday sunday
january february march april may june july august september october november december traceback
integrity null object list string integer decimal boolean expected got none true false post get put
delete patch head options answered check see ask try again later retry limit exceeded rate shop
shopify qimen tryton hub erp wms
"""
_NOT_NAMES = frozenset(_PLAIN.split())
"""Words that stand with capitals in the errors of servers."""
_WORD = r"[A-Z\u00c0-\u00de][a-z\u00df-\u00ff'\u2019-]+(?:[A-Z][a-z\u00df-\u00ff]+)?"
_QUOTE = r"[\"'\u201c\u201d]?"

_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_PHONE = re.compile(
    r"(?<![\w.-])(?:\+|00)\d[\d ().\-/]{6,20}\d|(?<![\w.-])0\d[\d ()\-/]{6,16}\d(?![\w.])"
    r"|(?<!\d)1[3-9]\d{9}(?!\d)|(?<![\w.-])\(\d{2,5}\) ?\d[\d \-/]{4,12}\d(?!\w)"
    r"|(?<![\w.-])\d{3}[-. ]\d{3}[-. ]\d{4}(?!\w)"
)
_LABELLED = re.compile(
    rf"(?<![\w])({_QUOTE}(?:{_LABELS}){_QUOTE}\s*(?:[:=\uff1a]|\bis\b)\s*)"
    r"(\"(?:[^\"\\]|\\.)*\"?|'[^']*'?|[^,;|\n}\]<]{1,120})",
    re.IGNORECASE,
)
_TAGGED = re.compile(rf"(<(\w*(?:{_LABELS})\w*)>)[^<]*", re.IGNORECASE)
_PART = r"(?:[A-Z\u00c0-\u00de][\w'\u2019.-]{0,40}|(?:van|von|de|der|den|ter|la)\b)"
_TITLED = re.compile(rf"(?<!\w)((?:{_TITLES})\.?\s+)({_PART}(?:\s+{_PART}){{0,5}})")
_STREET = re.compile(
    rf"(?<![\w'\u2019.-])[\w'\u2019.-]{{0,40}}?(?:{_STREETS})\s+\d{{1,5}}\s?[a-z]?(?!\w)"
    rf"|(?<!\w)\d{{1,5}}\s?[a-z]?,?\s+(?:[\w'\u2019-]{{2,40}}\s+){{1,3}}?(?:{_STREETS})(?!\w)",
    re.IGNORECASE,
)
_HAN = re.compile(
    rf"((?:{_HAN_LABELS})\s*[:\uff1a=为是]?\s*)[^\s,\uff0c;\uff1b\u3002|\]}}<]{{1,60}}"
)
_HAN_TITLED = re.compile(r"[\u4e00-\u9fff]{1,3}(?=先生|女士|小姐|太太)")
_CAPITALS = re.compile(
    rf"(?<!\w){_WORD}(?:[ \u00a0]+(?:{_WORD}|[A-Z]\.|(?:van|von|de|der|den|ter|la)\b)){{1,8}}"
)
_MOST = 4_000


def masked(text: str) -> str:
    """The text as anybody may see it."""
    text = text[:_MOST]
    for pattern in (_TAGGED, _LABELLED, _HAN, _TITLED):
        text = pattern.sub(rf"\g<1>{MASK}", text)
    for pattern in (_EMAIL, _PHONE, _STREET, _HAN_TITLED):
        text = pattern.sub(MASK, text)
    return _CAPITALS.sub(_names, text)


def _names(match: re.Match[str]) -> str:
    """Words with capitals beside each other are a name, unless they are words of errors."""
    words = match[0].split()
    unknown = [word for word in words if word.lower().strip(".'") not in _NOT_NAMES]
    named = [word for word in unknown if word[0].isupper()]
    if len(named) < 2:
        return match[0]
    first, last = words.index(named[0]), len(words) - words[::-1].index(named[-1])
    return " ".join([*words[:first], MASK, *words[last:]])
