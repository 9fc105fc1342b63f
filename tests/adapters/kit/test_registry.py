"""Adapters are found by name, described unimported, and made from a connection's words."""

import subprocess
import sys

import pytest

from adapters.kit.conformance import score
from adapters.kit.http import Transport
from adapters.kit.manifest import Poll, read_manifest
from adapters.kit.registry import entries, entry, make
from adapters.ports import Parts
from adapters.qimen import ADAPTER
from hub.model.errors import BadData
from mappings.kit import Context
from tests.kit.fixtures import ROOT

QIMEN = {
    "api_url": "https://example.com",
    "app_key": "a",
    "customer_id": "c",
    "owner_code": "o",
    "warehouse_code": "w",
}


def made(settings, secrets):
    return make("qimen", settings, secrets, Context("wh"), Transport())


def test_manifests_are_read_without_importing_an_adapter():
    script = (
        "import sys; from adapters.kit.registry import entries; found = entries();"
        "assert found['qimen'].manifest.port == 'warehouse', found;"
        "assert not {'adapters.qimen', 'adapters.generic_warehouse'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0


def test_every_adapter_bears_its_own_name_and_loads():
    for name, found in entries().items():
        assert found.manifest.name == name
    assert entry("qimen").load() is ADAPTER
    assert "app_secret" in entry("qimen").settings().model_fields


def test_an_unknown_adapter_is_answered_with_the_known_ones():
    with pytest.raises(BadData, match="qimen") as wrong:
        entry("quimen")
    assert wrong.value.path == "adapter"


def test_an_adapter_is_made_from_settings_and_secrets():
    assert isinstance(made(QIMEN, {"app_secret": "s"}), Parts)


@pytest.mark.parametrize(
    ("settings", "secrets", "path"),
    [
        ({**QIMEN, "app_key": ""}, {"app_secret": "s"}, "settings.app_key"),
        (
            {k: v for k, v in QIMEN.items() if k != "api_url"},
            {"app_secret": "s"},
            "settings.api_url",
        ),
        (QIMEN, {}, "secrets.app_secret"),
        (QIMEN, {"app_secret": " \n"}, "secrets.app_secret"),
        ({**QIMEN, "appkey": "x"}, {"app_secret": "s"}, "settings.appkey"),
        ({**QIMEN, "app_secret": "s3cret"}, {"app_secret": "s3cret"}, "settings.app_secret"),
        ({**QIMEN, "sign_method": "s3cret"}, {"app_secret": "s3cret"}, "settings.sign_method"),
    ],
)
def test_S11_a_wrong_setting_is_named_and_no_value_is_shown(settings, secrets, path):
    with pytest.raises(BadData) as wrong:
        made(settings, secrets)
    assert wrong.value.path == path
    assert "s3cret" not in f"{wrong.value!r} {wrong.value.problems()!r}"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("name", "manifest"),
        ('name = "x"', "manifest.title"),
        ('name="x"\ntitle="x"\nport="shop"\napi_version="1"', "manifest.port"),
        ('name="x"\ntitle="x"\nport="erp"\napi_version="1"\nlevel="gold"', "manifest.level"),
        ('name="x"\ntitle="x"\nport="erp"\napi_version="1"\nx=1', "manifest.x"),
        *(
            (
                f'name="x"\ntitle="x"\nport="erp"\napi_version="1"\npersonal={wrong}',
                "manifest.personal",
            )
            for wrong in ('"email"', "[1]", '["*"]', '["a b"]', '["a..b"]')
        ),
    ],
)
def test_a_manifest_that_says_too_little_or_too_much_is_refused(text, path):
    with pytest.raises(BadData) as wrong:
        read_manifest(text)
    assert wrong.value.path == path


def test_an_adapter_has_a_score_card():
    card = score("generic_warehouse")
    assert len(card) == 17
    assert set(card.values()) == {
        "passed",
        "not asked: it honours keys",
        "one by one",
        "not polled",
    }


def test_a_score_card_says_where_no_time_is_signed():
    card = score("shopify")
    stale = "an old or future delivery is refused where its time is signed"
    assert (card.pop(stale), set(card.values())) == (
        "not signed",
        {"passed", "one by one", "not polled"},
    )


MANIFEST = 'name = "x"\ntitle = "X"\nport = "channel"\napi_version = "1"\n'


def test_a_manifest_names_the_topics_to_poll_and_on_what_terms():
    found = read_manifest(
        MANIFEST + "[polls.orders]\nevery_s = 60\nthin = true\n[polls.products]\n"
    )
    assert found.polls == {"orders": Poll(every_s=60, thin=True), "products": Poll()}
    assert Poll() == Poll(every_s=300, overlap_s=300, look_back_s=604_800, thin=False)


@pytest.mark.parametrize(
    ("terms", "path", "code"),
    [
        ("polls = 3", "manifest.polls", "bad_data"),
        ("[polls]\norders = 60", "manifest.polls.orders", "bad_data"),
        ("[polls.orders]\nevery = 60", "manifest.polls.orders", "bad_data"),
        ("[polls.orders]\nevery_s = -1", "manifest.polls.orders", "bad_number"),
        ("[polls.orders]\noverlap_s = 'long'", "manifest.polls.orders", "bad_number"),
    ],
)
def test_terms_of_a_poll_that_make_no_sense_are_named(terms, path, code):
    with pytest.raises(BadData) as wrong:
        read_manifest(MANIFEST + terms)
    assert (wrong.value.path, wrong.value.code) == (path, code)
