"""How often one name may do a thing."""

from hub.doors.limits import Window


def test_a_window_lets_so_many_through_and_says_when_there_is_room_again():
    clock = [0.0]
    window = Window(2, 10.0, lambda: clock[0])
    assert [window.take("a"), window.take("a")] == [0.0, 0.0]
    clock[0] = 4.0
    assert window.take("a") == 6.0
    assert window.take("b") == 0.0
    clock[0] = 10.0
    assert window.take("a") == 0.0


def test_a_window_forgets_names_before_it_grows_without_end(monkeypatch):
    monkeypatch.setattr("hub.doors.limits._MOST_KNOWN", 2)
    window = Window(1, 10.0, lambda: 0.0)
    assert [window.take(name) for name in ("a", "b", "c")] == [0.0, 0.0, 0.0]
    assert window.take("c") == 10.0
    assert window.take("a") == 0.0
