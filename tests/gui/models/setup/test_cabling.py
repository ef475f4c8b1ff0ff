import pytest

from solbench.gui.models.setup.cabling import CONTACTS, INSTRUMENTS, Contacts, Instruments, Wiring


@pytest.mark.parametrize(
    ("contacts", "met"),
    [
        (2, "CE with RE1; RE2 with WE"),
        (3, "CE; RE1; RE2 with WE"),
        (4, "CE; RE1; RE2; WE"),
    ],
)
def test_which_leads_meet_at_the_cell(contacts: Contacts, met: str) -> None:
    assert f"from the 1287: {met}." in Wiring("1287", contacts).words


def test_only_the_pair_has_cables_between_instruments() -> None:
    assert Wiring("pair", 2).words.startswith(
        "Between the instruments: GENERATOR (1260) to POL INPUT (1287), VOLTAGE 1 (1260) to V OUT (1287), "
        "VOLTAGE 2 (1260) to I OUT (1287)."
    )
    assert Wiring("1260", 4).links == Wiring("1287", 4).links == ()


def test_the_1260_alone_is_warned_of_for_live_cells() -> None:
    words = Wiring("1260", 4).words
    assert "GEN; V1 HI; V1 LO; I." in words
    assert "its generator discharges a live one" in words


@pytest.mark.parametrize("instruments", [value for _, value in INSTRUMENTS])
@pytest.mark.parametrize("contacts", [value for _, value in CONTACTS])
def test_every_lead_ends_at_one_contact_and_no_current_lead_meets_another(
    instruments: Instruments, contacts: Contacts
) -> None:
    wiring = Wiring(instruments, contacts)
    assert len(wiring.nodes) == contacts
    assert sorted(place for node in wiring.nodes for place in node) == [0, 1, 2, 3]
    assert all(sum(wiring.leads[place].current for place in node) <= 1 for node in wiring.nodes)
