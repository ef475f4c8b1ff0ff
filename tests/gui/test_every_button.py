"""Every button, box and entry of a menu has a test of what it does; this table says which."""

import re
from pathlib import Path

from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from solbench.acquisition.bench.commissioning.record import NAMES
from solbench.gui.models.common.number_format import speed_words
from solbench.gui.models.runs.columns import HEADS
from solbench.gui.screens import SCREENS
from tests.gui.window.test_menus import entries_of

HERE = Path(__file__).parent
KEYS = [listed.key for listed in SCREENS]
TESTED_BY = {
    "screens/test_choosing.py::test_open_bench_file": ["connect: Choose a bench file"],
    "screens/test_choosing.py::test_all_gpib_addresses_are_looked_at": ["connect: all GPIB addresses"],
    "screens/test_choosing.py::test_open_record": ["cell: Choose a cell record file"],
    "screens/test_choosing.py::test_flags_of_a_build_go_into_the_record": ["cell: live", "cell: reduced"],
    "screens/test_choosing.py::test_open_protocol": ["protocol: Choose a protocol file"],
    "screens/test_choosing.py::test_twice_is_kept_in_the_step": ["protocol: spectrum twice"],
    "screens/test_choosing.py::test_add_step_adds_each_kind": [
        "protocol: Add a step after the chosen one, or into a chosen loop"
    ],
    "screens/test_choosing.py::test_folder_of_the_run_file_is_chosen": [
        "start: Choose the folder of the run file"
    ],
    "screens/test_choosing.py::test_check_again_asks_again": [
        "start: Ask bench, cell and disk; nothing is switched on"
    ],
    "screens/test_choosing.py::test_folder_of_the_runs_is_chosen_and_looked_at_again": [
        "data: Choose another folder",
        "data: List the folder again",
    ],
    "screens/test_choosing.py::test_command_line_of_data_is_copied": ["data: Copy the command line"],
    "screens/runs/test_correcting.py::test_a_run_is_corrected_by_what_is_edited_and_shown_anew": [
        "data: Correct what was typed about the cell of the chosen run"
    ],
    "screens/runs/test_correcting.py::test_the_life_of_the_chosen_cell_is_shown_and_a_file_added": [
        "data: Add a file of another cycler to the life of this cell"
    ],
    "screens/test_choosing.py::test_spectra_are_opened_copied_and_all_frequencies_taken": [
        "fit: Run files, or spectra of ZView, BioLogic, Gamry, CSV",
        "fit: Fit all frequencies",
        "fit: Copy the command line",
        "fit: Copy the values of all spectra for a spreadsheet",
    ],
    "screens/test_choosing.py::test_runs_of_a_report_are_added_and_removed": [
        "report: Runs to stand side by side in one report",
        "report: Remove the chosen run from the report",
    ],
    "screens/test_choosing.py::test_wishes_of_a_report_are_in_its_command": [
        "report: Choose the folder of the report",
        "report: also as PDF",
        "report: figures as SVG and PNG",
        "report: Copy the command that makes the report",
        "report: Copy the command that exports",
    ],
    "screens/test_choosing.py::test_file_of_a_report_is_opened": [
        "report: Open the chosen file, or the page"
    ],
    "screens/test_choosing.py::test_boxes_of_the_nyquist_plot": [
        "live: all in view",
        "live: hide inductive part",
    ],
    "screens/test_choosing.py::test_buttons_of_the_trace": [
        "live: Show the whole run: A",
        "live: Keep the newest part in view: Space",
        "live: Show the present step",
        "live: Keep this view: Space",
    ],
    "screens/test_connect.py::test_test_asks_the_bench_and_shows_who_answers": [
        "connect: Ask the instruments of this bench who they are"
    ],
    "screens/test_connect.py::test_find_looks_at_the_adapter_that_is_named": [
        "connect: Look at every serial port, GPIB card and the adapter named here"
    ],
    "screens/test_connect.py::test_a_bench_is_made_of_what_was_found_and_chosen_in_four_clicks": [
        "connect: Make a bench of the instruments found, as drawn below, and choose it",
        "connect: + on CE and RE1",
        "connect: 50 Hz",
        "connect: 60 Hz",
    ],
    "screens/test_connect.py::test_a_bench_file_without_its_positive_terminal_is_completed_by_a_click": [
        "connect: + on WE and RE2",
        "connect: V OUT and I OUT turned (found by commissioning)",
    ],
    "screens/test_connect.py::test_another_specimen_is_a_bench_of_its_own": [
        "connect: Simulate instruments with flaws of their own, which commissioning finds"
    ],
    "screens/bench/test_commissioning.py::test_the_real_command_commissions_a_simulated_unit_by_clicks": [
        "connect: Measure this bench on parts of known value, step by step",
        "connect: Begin the procedure, or continue where it was left",
        "connect: Back to Connect; the procedure goes on",
        *(f"connect: {step}  {name}" for step, name in NAMES.items()),
    ],
    "screens/bench/test_commissioning.py::test_stop_and_f12_stop_it_and_a_refusal_is_told": [
        "connect: Stop: the cell is switched off, what was found is kept"
    ],
    "screens/bench/test_commissioning.py::test_a_click_says_that_the_part_is_clamped_or_not_at_hand": [
        "connect: The part is clamped as drawn: measure it",
        "connect: Leave this part out",
    ],
    "screens/bench/test_commissioning.py::test_a_number_is_read_as_people_type_it_and_none_is_an_answer": [
        "connect: Enter the number that was read",
        "connect: There is no such instrument here",
    ],
    "screens/bench/test_commissioning.py::test_the_command_of_the_procedure_is_copied": [
        "connect: Copy the command line"
    ],
    "screens/bench/test_manual.py::test_the_bench_is_looked_at_while_the_page_is_in_front_and_no_longer": [
        "start: Set currents and voltages by hand, with limits, in a run of its own"
    ],
    "screens/test_cell.py::test_a_record_is_saved": [
        "cell: Write the changed record to its file, or to one of your own"
    ],
    "screens/test_cell.py::test_an_electrolyte_of_ones_own_is_made_here_and_keeps_its_name": [
        "cell: Write the record to another file, under a name of its own"
    ],
    "screens/test_protocol.py::test_the_buttons_of_the_tree": [
        "protocol: Put a copy of the selected steps after them",
        "protocol: Delete the selected steps",
        "protocol: Move the step up, into and out of loops",
        "protocol: Move the step down, into and out of loops",
        "protocol: Undo the last change",
        "protocol: Redo the change",
    ],
    "screens/test_protocol.py::test_a_favourite_stands_first": [
        "protocol: Keep this protocol at the top of the list"
    ],
    "screens/test_protocol.py::test_a_protocol_with_nested_loops_is_made_from_nothing": [
        "protocol: Start a protocol without steps"
    ],
    "screens/test_protocol.py::test_saving_and_opening": [
        "protocol: Write the protocol to a file of your own"
    ],
    "screens/test_protocol.py::test_preview_runs_on_the_simulated_bench_and_goes_with_a_change": [
        "protocol: Run it on the simulated bench and draw the curve"
    ],
    "screens/test_start.py::test_entering_checks_and_a_good_check_lets_start": [
        "start: Start the run that is described here"
    ],
    "screens/test_start.py::test_the_command_line_twin_is_copied": ["start: Copy the command line"],
    "screens/test_start.py::test_put_in_the_queue_gives_it_to_the_queue": [
        "start: Add this run to the queue instead of starting it"
    ],
    "screens/test_start.py::test_a_template_names_the_run_file_and_is_remembered": [
        "start: Choose how run files are named"
    ],
    "screens/test_start.py::test_a_dummy_cell_is_offered_on_a_real_bench_alone": [
        "start: a dummy cell is mounted"
    ],
    "screens/test_queue.py::test_nothing_starts_before_the_cell_is_confirmed": [
        "queue: Confirm that the cells of the selected runs are mounted, each on its bench",
        "queue: start the next run by itself",
    ],
    "screens/test_queue.py::test_a_run_that_waits_is_changed_and_keeps_its_place": [
        "queue: Change the cell, the run file or settings of a run that waits",
        "queue: Check the changed run, and let it wait in its place",
        "queue: Change nothing",
    ],
    "screens/test_queue.py::test_a_run_is_added_for_a_list_of_cells": [
        "queue: Add the same run once for each of a list of cells",
        "queue: Add the run once for each cell, at the end of the queue",
    ],
    "screens/test_queue.py::test_start_next_and_what_is_said_when_it_is_refused": [
        "queue: Start the first run that waits and is not held"
    ],
    "screens/test_queue.py::test_hold_move_copy_and_remove": [
        "queue: Keep the run from starting, or let it wait for its turn again",
        "queue: Move the run towards the front",
        "queue: Move the run towards the end",
        "queue: Add the same run once more",
        "queue: Take the run out of the queue; one that was started keeps running",
    ],
    "screens/test_queue.py::test_each_click_shows_its_command": ["queue: Copy the command line"],
    "screens/test_overlay_bar.py::test_chosen_run_is_drawn_under_the_live_one_and_taken_away_there": [
        "data: Draw the chosen run faintly under the run on the live screen",
        "live: Remove the earlier run",
    ],
    "screens/test_data.py::test_buttons_hand_the_chosen_runs_over": [
        "data: Show the chosen run on the live screen",
        "data: Fit circuits to the spectra of the chosen runs",
        "data: One page, or files, of the chosen runs",
    ],
    "screens/test_data.py::test_report_screen_makes_report_and_export_of_the_chosen_runs": [
        "report: Make the page of the runs in the list",
        "report: Write every run of the list in this format, each into a folder of its own",
    ],
    "screens/test_fit.py::test_points_are_left_out_by_clicks_and_by_a_rectangle_and_kept_with_the_run": [
        "fit: Leave out points by clicks and rectangles in the plots, or take them back",
        "fit: Keep with the run what is left out: every conclusion follows it",
    ],
    "screens/test_fit.py::test_a_value_is_dragged_and_the_curve_follows": [
        "fit: Give a start value to each parameter that has none; then the curve can be dragged"
    ],
    "screens/test_fit.py::test_a_circuit_of_ones_own_is_offered_again": [
        "fit: Keep this circuit in the list of circuits",
        "fit: Take this circuit of your own out of the list",
    ],
    "screens/test_data.py::test_a_report_is_printed_as_a_whole_as_it_was_made_or_made_for_it": [
        "report: Print the whole report, figures and tables"
    ],
    "screens/test_data.py::test_runs_are_found_by_their_tags_and_what_takes_fits_comes_one_after_the_other": [
        "data: Give the chosen runs tags, or take them away"
    ],
    "screens/runs/test_table.py::test_what_was_arranged_is_there_again_after_a_restart": [
        *(f"Columns of Data: {HEADS[name]}" for name in [*HEADS][1:]),
        "Columns of Data: As at first",
    ],
    "screens/test_fit.py::test_chosen_runs_are_fitted": ["fit: Fit all spectra of the list"],
    "screens/test_fit.py::test_start_values_are_typed_held_taken_over_and_cleared": [
        "fit: Take circuit and values of the chosen spectrum's fit as start values",
        "fit: Clear all values and release all parameters",
    ],
    "screens/runs/test_changing.py::test_a_limit_is_changed_and_everything_shows_it": [
        "Run: Change step…",
        "live: Change limits, times or currents of a step, or spectra to come, while the run is under way",
    ],
    "test_spectrum_now.py::test_button_asks_for_a_spectrum_and_shows_it": [
        "live: Measure a spectrum; then the step continues: F8"
    ],
    "plots/test_saving.py::test_button_comes_with_the_mouse_and_saves_where_it_is_told": ["plot: Save…"],
    "test_attached.py::test_attaches_to_a_run_that_goes_on_and_stop_ends_it": ["window: ■ STOP  F12"],
    "test_attached.py::test_pause_switches_the_cell_off_and_the_same_key_goes_on": [
        "window: Pause (cell off)  F3"
    ],
    "test_attached.py::test_killed_engine_raises_an_alarm_that_stays_until_acknowledged": [
        "window: Acknowledge"
    ],
    "window/test_left_on_bar.py::test_a_guardian_looks_until_the_standby_that_was_pressed_is_confirmed": [
        "window: I have pressed it"
    ],
    "test_starting.py::test_a_dead_run_gets_a_new_engine_that_survives_the_window": ["window: Resume  F3"],
    "test_tour.py::test_three_clicks_from_nothing_to_a_finished_half_cell": [
        "window: Take the tour",
        "window: Next",
    ],
    "test_tour.py::test_only_the_first_start_offers_it_and_help_begins_it_again": [
        "window: Close",
        "Help: Tour of the simulated bench",
    ],
    "test_every_button.py::test_back_goes_back_in_the_tour": ["window: Back"],
    "window/test_replay_bar.py::test_halt_and_go_on": ["window: Halt or continue the replay"],
    "window/test_menus.py::test_every_screen_is_shown_by_its_entry_and_its_key": [
        f"{menu}: {key.capitalize()}" for menu in ("View", "window") for key in KEYS
    ],
    "window/test_menus.py::test_run_file_is_opened_and_replayed": [
        "File: Open run file…",
        *(f"Replay run file: {speed_words(speed)}…" for speed in (1, 60, 600, 3600)),
    ],
    "window/test_menus.py::test_quit_closes": ["File: Quit"],
    "window/test_menus.py::test_save_saves_what_the_screen_in_front_has": ["File: Save"],
    "window/test_menus.py::test_verbs_by_entry_and_key": [
        "Run: Stop",
        "Run: Make the bench safe",
        "Run: Spectrum now",
        "Run: Pause or resume",
    ],
    "test_attached.py::test_skip_and_note_reach_the_journal": ["Run: Skip step…"],
    "window/test_menus.py::test_looks_are_chosen_and_remembered_and_that_of_the_desktop_is_followed": [
        "View: Light",
        "View: Dark",
        "View: High contrast",
        "View: As the desktop",
    ],
    "window/test_menus.py::test_command_lines_are_shown_where_there_is_room_or_asked_for": [
        "View: Command lines",
        "File: Copy the command line",
    ],
    "window/test_menus.py::test_manual_keys_and_about_open_and_a_protocol_is_begun": [
        "File: New protocol",
        "File: Notices…",
        "Help: Manual",
        "Help: Keys",
        "Help: About Solbench",
    ],
    "window/test_menus.py::test_runs_that_were_opened_are_offered_again": [
        "Recent runs: no run was opened yet"
    ],
    "screens/runs/test_overlaid.py::test_curves_are_left_out_by_their_names_and_stay_so": [
        "data: Draw every curve of the list",
        "data: Draw no curve of the list",
    ],
    "screens/runs/test_free.py::test_x_and_y_are_chosen_and_what_does_not_fit_is_replaced": [
        "data: log x",
        "data: log y",
    ],
    "test_transient.py::test_the_time_of_day_stands_under_the_trace": [
        "live: Show the time of day; else the time since the beginning of the run"
    ],
    "window/test_menus.py::test_event_log_comes_and_goes": ["View: Event log"],
    "test_layouts.py::test_moved_and_floating_panels_are_remembered_and_reset": ["View: Reset the layout"],
    "test_layouts.py::test_panels_are_opened_and_closed_from_the_menu": [
        f"Panels of Live: {name}"
        for name in (
            "Steps",
            "Spectra",
            "Nyquist",
            "Bode",
            "Capacity",
            "Cycles",
            "R interface",
            "Transient",
            "Temperature",
        )
    ],
    "test_numbers.py::test_strip_lists_and_axes_follow_the_habit_at_once": [
        "Numbers: 1.5  decimal point",
        "Numbers: 1,5  decimal comma",
    ],
    "test_numbers.py::test_habit_is_remembered_and_else_that_of_the_system": ["Numbers: As the system"],
}


def buttons_of(window):
    """Every button of all screens and of the frame, as "screen: name"; not those that Qt makes for its own parts."""
    found = set()
    for key in KEYS:
        window.show_screen(key)
        window.screens[key].grab()
    assert window.screens["connect"].page is not None  # made when it is asked for
    for button in window.findChildren(QAbstractButton):
        of_qt = type(button).__name__ in ("QAbstractButton", "QDockWidgetTitleButton")
        if (
            of_qt
            or isinstance(button.parent(), QLineEdit)
            or button.objectName().startswith(("qt_", "Scroll"))
        ):
            continue
        owner = next((each.key for each in window.screens.built if each.isAncestorOf(button)), "window")
        name = button.accessibleDescription() or button.accessibleName() or button.text()
        found.add("plot: Save…" if type(button).__name__ == "SaveButton" else f"{owner}: {name}")
    return found


def keys_of(window):
    """The key of every entry, button and shortcut."""
    keys = [action.shortcut() for action in entries_of(window).values()]
    keys += [button.shortcut() for button in window.findChildren(QAbstractButton)]
    keys += [shortcut.key() for shortcut in window.findChildren(QShortcut)]
    return [key.toString().rpartition("+")[2] for key in keys if not key.isEmpty()]


def test_every_button_and_entry_has_a_named_test_and_a_key_that_all_keyboards_have(window):
    """A German or French keyboard has brackets, slashes and backslashes behind other keys."""
    listed = [name for names in TESTED_BY.values() for name in names]
    assert len(listed) == len(set(listed))
    window.context.cell.set("nbh")  # the form of a record is made with the first one
    assert buttons_of(window) | set(entries_of(window)) == set(listed)
    keys = keys_of(window)
    assert len(keys) > 20
    assert [key for key in keys if not re.fullmatch(r"[A-Z0-9]|F[0-9]+|Up|Down|Del", key)] == []


def test_every_named_test_is_there():
    for place in TESTED_BY:
        file, _, name = place.partition("::")
        assert re.search(rf"^def {name}\(", (HERE / file).read_text(encoding="utf-8"), re.MULTILINE), place


def test_back_goes_back_in_the_tour(window):
    window.tour.begin()
    first = window.tour.stop
    window.tour_bar.next.click()
    assert window.tour.stop is not first
    window.tour_bar.back.click()
    assert window.tour.stop == first
