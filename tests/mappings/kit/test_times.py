"""Dates and times: every form that partners write, and nothing that is none."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.model.errors import BadData
from mappings.kit import times

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
TWO_O_CLOCK = datetime(2026, 11, 22, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T10:00:00+08:00", "2026-11-22T02:00:00Z", "2026-11-22t02:00:00z",
        "2026-11-22 10:00:00", "2026-11-22  10:00:00", "2026-11-22T10:00", "2026-11-22T10",
        "20261122100000", "202611221000", "20261122T100000", "20261122T020000Z",
        "20261122100000000", "2026/11/22 10:00:00", "2026.11.22 10:00:00", "2026/11/22 10:0:0",
        "2026年11月22日10时0分0秒", "2026年11月22日 10:00", "2026年 11月 22日 上午10时",
        "２０２６-１１-２２　１０：００：００", "2026-11-22 10:00:00.000",
        "2026-11-22T10:00:00,000000000",
        "2026-11-22 10:00:00 +0800", "2026-11-22 10:00:00 GMT+8", "2026-11-22 10:00:00 UTC+08:00",
        "2026-11-22T10:00:00+08:00[Asia/Shanghai]", "Sun, 22 Nov 2026 10:00:00 +0800",
        "Sun Nov 22 2026 10:00:00 GMT+0800 (China Standard Time)", "Nov 22, 2026 10:00 AM",
        "22-NOV-2026 10:00:00", "22/11/2026 10:00:00", "11/22/2026 10:00:00 am",
        "1795312800", "1795312800000", "1795312800000000", "1795312800.000", "2026-W47-7 10:00:00",
        "/Date(1795312800000+0800)/", "2026-11-2210：00：00", "Sun Nov 22 10:00:00 CST 2026",
        "Sun Nov 22 10:00:00 2026", "Sun Nov 22 02:00:00 UTC 2026", "2026-11-22 10:00:00 CST",
        "2026-11-22 02:00:00 +0000 UTC", "2026-11-22 10:00:00 +0800 CST",
    ],
)  # fmt: skip
def test_a_moment_is_read_in_every_form(text):
    assert times.moment(text, SHANGHAI) == TWO_O_CLOCK


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01", "2026/03/01", "2026/3/1", "2026-3-1", "2026.3.1", "20260301", "2026年3月1日",
        "２０２６年３月１日", "2026-03-01 00:00:00", "2026-03-01T00:00:00Z", "2026-03-01+08:00",
        "2026-02-28T16:00:00Z", "1772323200", "1772323200000", "1772294400000", "1 March 2026",
        "01-Mar-2026", "Mar 1, 2026", " 2026-03-01 ", "2026-03-01T10:00:00+08:00",
    ],
)  # fmt: skip
def test_a_day_is_read_in_every_form(text):
    assert times.day(text, SHANGHAI) == "2026-03-01"


@pytest.mark.parametrize("zone", [UTC, SHANGHAI, NEW_YORK])
def test_midnight_in_utc_or_at_the_place_is_how_a_day_alone_is_written(zone):
    local = datetime(2026, 3, 1, tzinfo=zone)
    assert times.day("2026-03-01T00:00:00Z", zone) == "2026-03-01"
    assert times.day(f"{local.timestamp():.0f}000", zone) == "2026-03-01"


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("2026-02", "2026-02-28"), ("2028-02", "2028-02-29"), ("202604", "2026-04-30"),
        ("2026年12月", "2026-12-31"), ("2026/6", "2026-06-30"), ("06/2026", "2026-06-30"),
        ("Jun 2026", "2026-06-30"),
    ],
)  # fmt: skip
def test_a_month_alone_is_its_last_day_where_that_is_meant_and_else_no_day(text, last):
    assert times.day(text, SHANGHAI, month_is_last=True) == last
    for read in (times.day, times.moment):
        with pytest.raises(BadData) as caught:
            read(text, SHANGHAI)
        assert caught.value.code == "bad_time"


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30", "2026-13-01", "2026-00-10", "1772-32-32", "26-01-01", "99999-01-01",
        "0000-00-00", "20260230", "2026-11-22 25:00:00", "2026-11-22 10:60:00", "2026-11-22 +99:00",
        "01.03.2026", "03/01/2026", "2026", "tomorrow", "", " ", "-", "12", "1e400",
        "2026-03-01x", "2026-03-01 10:00:00 CET", None, 20260301, True, [], "9" * 5_000,
    ],
)  # fmt: skip
def test_what_is_no_time_or_two_times_is_refused(text):
    for read in (times.day, times.moment):
        with pytest.raises(BadData) as caught:
            read(text, SHANGHAI, path="at")
        assert (caught.value.code, caught.value.path) == ("bad_time", "at")


@pytest.mark.parametrize(
    ("text", "none"),
    [
        ("0000-00-00 00:00:00", True), ("00000000", True), ("0", True), ("1900-01-01", True),
        ("19000101", True), ("0001-01-01T00:00:00", True), ("1970-01-01 08:00:00", True),
        ("1970-01-01T00:00:00Z", True), ("1899-12-30", True), ("2026-03-01", False),
        ("2026-02-30", False), ("never", False), ("1970-01-02", False),
    ],
)  # fmt: skip
def test_zeros_and_the_first_days_of_calendars_say_that_there_is_none(text, none):
    assert times.says_none(text, SHANGHAI) is none


# --- the kind

DAYS = [
    "{d:%Y}-{d:%m}-{d:%d}", "{d:%Y}/{d.month}/{d.day}", "{d:%Y}{d:%m}{d:%d}",
    "{d:%Y}年{d.month}月{d.day}日", "{d:%Y}.{d:%m}.{d:%d}", "{d.day} {d:%b} {d:%Y}",
    "{d:%Y} / {d.month} / {d.day}",
]  # fmt: skip
CLOCKS = [
    "{d:%H}:{d:%M}:{d:%S}", "{d.hour}:{d.minute}:{d.second}", "{d:%H}:{d:%M}:{d:%S}.{d:%f}",
    "{d:%H}:{d:%M}:{d:%S},{d:%f}000", "{d.hour}时{d.minute}分{d.second}秒",
]  # fmt: skip
MOMENTS = st.datetimes(datetime(1992, 1, 1), datetime(2199, 12, 30)).map(
    lambda at: at.replace(microsecond=at.microsecond if at.microsecond % 7 else 0)
)
ZONES = st.sampled_from([UTC, SHANGHAI, NEW_YORK, timezone(timedelta(hours=5, minutes=45))])


@given(MOMENTS, st.sampled_from(DAYS), ZONES, st.sampled_from([str, lambda t: f" {t}  "]))
def test_any_day_in_any_form_comes_back(at, form, zone, dressed):
    text = dressed(form.format(d=at))
    assert times.day(text, zone) == at.date().isoformat()
    assert times.day(text.translate(WIDE), zone) == at.date().isoformat()


WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@given(MOMENTS, st.sampled_from(DAYS), st.sampled_from(CLOCKS), st.sampled_from([" ", "T", "  "]))
def test_any_moment_in_any_form_comes_back(at, day, clock, between):
    text = day.format(d=at) + between + clock.format(d=at)
    told = at if "%f" in clock else at.replace(microsecond=0)
    for zone, ending in ((SHANGHAI, ""), (UTC, "Z"), (UTC, " UTC"), (SHANGHAI, "+0800")):
        assert times.moment(text + ending, SHANGHAI) == told.replace(tzinfo=zone)


@given(st.integers(10**9, 7_257_000_000), st.integers(0, 999))
def test_any_second_or_millisecond_since_1970_comes_back(seconds, more):
    at = datetime.fromtimestamp(seconds, UTC)
    assert times.moment(f"{seconds}", SHANGHAI) == at
    assert times.moment(f"{seconds}{more:03}", SHANGHAI) == at + timedelta(milliseconds=more)


@given(st.text() | st.from_regex(r"[0-9年月日:/. TZ+-]{1,25}", fullmatch=True), ZONES)
@example("1772323200000", UTC)
@example("9999-12-31T23:59:59-14:00", SHANGHAI)
@example("0001-01-01T00:00:00+14:00", NEW_YORK)
def test_any_text_at_all_is_a_real_day_and_a_real_moment_or_refused(text, zone):
    for last in (True, False):
        try:
            found = times.day(text, zone, month_is_last=last)
        except BadData as error:
            assert error.code == "bad_time"
        else:
            assert date.fromisoformat(found).isoformat() == found
    try:
        at = times.moment(text, zone)
    except BadData as error:
        assert error.code == "bad_time"
    else:
        assert at.tzinfo is UTC
        assert 1970 <= at.year <= 2199
    assert times.says_none(text, zone) in {True, False}
