"""apply, export and seal, as one types them."""

from pathlib import Path

from tests.cli.conftest import Run
from tests.flows.test_applying import CONTRACT


def test_a_file_is_applied_once_and_comes_back(on_database: Run, tmp_path: Path):
    path = tmp_path / "connections.yaml"
    path.write_text(CONTRACT)
    planned = on_database("apply", str(path), "--dry-run")
    assert planned.code == 0
    assert "+ connection shop-eu\n" in planned.out
    assert planned.out.endswith("10 changes to make\n")

    done = on_database("apply", str(path), "--json")
    assert (done.code, len(done.json["changes"]), done.json["untouched"]) == (0, 10, [])
    assert {one["code"] for one in done.json["warnings"]} == {"missing_secret"}
    assert on_database("apply", str(path)).out.endswith("0 changes made\n")

    exported = tmp_path / "exported.yaml"
    assert on_database("export", "--to", str(exported)).code == 0
    assert on_database("export").out == exported.read_text()
    assert on_database("apply", str(exported)).out.endswith("0 changes made\n")
    assert on_database("export", "--json").json["merchants"] == [
        {"code": "acme", "name": "Acme Ltd", "currency": "EUR", "status": "active"}
    ]


def test_what_the_file_does_not_name_is_said_to_be_left_alone(on_database: Run):
    assert on_database("apply", "-", stdin=CONTRACT).code == 0
    done = on_database("apply", "-", stdin="network: {http: true}")
    assert "= not in the file, left as they are: shop-eu, wh-ams, wh-ber\n" in done.out
    assert "~ network: private: 127.0.0.0/8 -> nothing\n" in done.out


def test_a_wrong_file_leaves_with_65_each_error_with_its_place(on_database: Run):
    text = CONTRACT.replace("adapter: shopify", "adapter: shopfy").replace(
        "on_hand: 5", "on_hand: x"
    )
    done = on_database("apply", "-", stdin=text)
    assert done.code == 65
    assert done.errors == {"connections.0.adapter": "unknown_code", "stock.1.on_hand": "bad_number"}
    assert on_database("export").out == ""


def test_an_empty_hub_exports_an_empty_file(on_database: Run):
    assert (on_database("export").code, on_database("export").out) == (0, "")


def test_a_sealed_secret_is_one_that_apply_takes(on_database: Run):
    sealed = on_database("seal", stdin="s3cret\n")
    assert sealed.code == 0
    assert sealed.out.startswith("enc:")
    assert "s3cret" not in sealed.out
    text = CONTRACT.replace("env:WH_AMS_SECRET", sealed.out.strip())
    done = on_database("apply", "-", "--json", stdin=text)
    assert done.code == 0
    assert "connections.1.secrets.app_secret" not in {one["path"] for one in done.json["warnings"]}


def test_nothing_cannot_be_sealed(orderhub: Run):
    assert orderhub("seal", stdin="\n").code == 64
