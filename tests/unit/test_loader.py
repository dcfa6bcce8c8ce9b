"""Broken workflow files are refused at once, each fault with its place and a way out."""

from __future__ import annotations

import gc
import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.definition import digest, parse
from engine.domain.errors import BadInput, DefinitionInvalid, NotFound, Problem
from engine.domain.words import Say
from workflows.loader import load, load_category, shipped

GOOD = next(path for path in shipped() if path.stem == "opstarten").read_text(encoding="utf-8")
LIBRARY = shipped()[0].parent / "library" / "livc_r.yaml"
ANALYSIS = "    advance:   {to: dream_scenario}\n"
BOMB = "a: &a [x, x]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}, *{old}, *{old}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


def problems(folder: Path, text: str | bytes) -> tuple[Problem, ...]:
    """Return what is wrong with a text, which must be refused within 0.2 seconds."""
    path = folder / "broken.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    gc.disable()  # a long session has much to collect, and that is not the loader's time
    began = time.process_time()
    try:
        with pytest.raises(DefinitionInvalid) as refusal:
            load(path)
    finally:
        gc.enable()
    took = time.process_time() - began
    assert took < 0.2, f"{took:.3f} s"
    assert all(p.line > 0 and p.column > 0 and p.file for p in refusal.value.problems)
    return refusal.value.problems


def changed(old: str, new: str) -> str:
    """Return the good file with one passage changed."""
    assert GOOD.count(old) >= 1, old
    return GOOD.replace(old, new, 1)


def said(problem: Problem) -> str:
    """Return a problem's sentence in English."""
    return in_words(problem.sentence)


def in_words(sentence: Say) -> str:
    """Return a sentence, those inside it included, in English."""
    values = {k: in_words(v) if isinstance(v, Say) else v for k, v in sentence.values.items()}
    return sentence.template.format(**values)


def line_of(text: str, part: str) -> int:
    """Return the line on which a part of a text begins."""
    return text.count("\n", 0, text.index(part)) + 1


def first_change(text: str | bytes) -> int:
    """Return the line on which a text first differs from the good file."""
    lines = (text if isinstance(text, str) else text.decode("utf-8", "replace")).split("\n")
    good = [*GOOD.split("\n"), ""]
    return next(i for i, line in enumerate(lines, 1) if line != good[i - 1])


# name: (text, part of the sentence, lines below the first change; None: anywhere)
BROKEN: dict[str, tuple[str | bytes, str, int | None]] = {
    "unknown key": (changed("send_back: {to: [intake]}", "sendback: {to: [intake]}"),
                    "did you mean 'send_back'", 0),
    "unknown key at the top": (changed("follow_up:", "followup:"), "did you mean 'follow_up'", 0),
    "the models' name of from": (changed("{from: {criterion: plan_validated}, months: 6, rem",
                                         "{from_: {criterion: plan_validated}, months: 6, rem"),
                                 "did you mean 'from'", 0),
    "unknown target": (changed("{to: dream_scenario}", "{to: dream_scenaro}"),
                       "did you mean 'dream_scenario'", 0),
    "unknown target in a list": (changed("[intake, analysis]}", "[intake, anallysis]}"),
                                 "did you mean 'analysis'", 0),
    "unreachable phase": (changed("{to: dream_scenario}", "{to: reality_check}"),
                          "nothing leads to the phase 'dream_scenario'", 3),
    "trap": (changed("{to: completed}", "{to: [completed]}").replace(
        "    advance:   {to: action_plan}\n    send_back: {to: [intake, analysis, dream_scenario]}",
        "    advance:   {to: [action_plan, swamp]}\n    send_back: {to: [intake]}\n\n"
        "  swamp:\n    kind: execute\n    label: {nl: Moeras, en: Swamp}\n    criteria:\n"
        "      out: {label: {nl: eruit, en: out}}\n    advance: {to: []}"), "is a trap", 3),
    "never ends": (changed("{to: completed}", "{to: launch}"), "never ends", None),
    "advance backwards": (changed("{to: reality_check}", "{to: [reality_check, intake]}"),
                          "leads back to 'intake'", 0),
    "send_back forwards": (changed("send_back: {to: [intake]}", "send_back: {to: [launch]}"),
                           "no earlier phase", 0),
    "duplicate key": (changed("    kind: analysis\n", "    kind: analysis\n    kind: dream\n"),
                      "stands here twice", 0),
    "duplicate phase": (GOOD + "  intake:\n    kind: intake\n", "first on line 12", 0),
    "duplicate criterion": (changed("findings_tagged:", "joint_option:"),
                            "stands in the phase 'intake' too", 0),
    "two equal edges": (changed("{to: dream_scenario}", "{to: [dream_scenario, dream_scenario]}"),
                        "twice", 0),
    "missing label": (changed(", en: Exploratory talk", ""), "'en' is missing at 'label'", 0),
    "missing format": (changed("format: 1\n", ""), "'format' is missing", None),
    "other format": (changed("format: 1", "format: 2"), "not possible here; one of: ('1',)", 0),
    "negative duration": (changed("weeks: 4", "weeks: -4"), "at least 0, not -4", 0),
    "two units": (changed("weeks: 4", "weeks: 4, days: 2"), "exactly one of", 0),
    "no unit": (changed("weeks: 4, ", ""), "exactly one of", 0),
    "ISO duration": (changed("weeks: 4", "weeks: P4W"), "whole number", 0),
    "wrong kind": (changed("kind: analysis", "kind: analyses"), "did you mean 'analysis'", 0),
    "unknown role": (changed("who: coach", "who: coatch"), "did you mean 'coach'", 0),
    "unknown scheme": (changed("reminders: std", "reminders: standard"), "reminder scheme", 0),
    "unknown instrument": (changed("[draaiboek, va_fiche]", "[draaiboek, vafiche]"),
                           "did you mean 'va_fiche'", 0),
    "unknown library": (changed("uses: livc_r", "uses: livcr"), "did you mean 'livc_r'", 0),
    "library outside the folder": (changed("uses: livc_r", "uses: ../livc_r"), "no library", 0),
    "unknown anchor": (changed("{criterion: plan_validated}, months: 6, r",
                               "{criterion: plan_validate}, months: 6, r"),
                       "did you mean 'plan_validated'", 0),
    "anchor without a date": (changed("{value: feedback_date_set}", "{value: plan_validated}"),
                              "carries no date", 0),
    "looks without a date": (changed("        value: date\n", ""), "'looks' means nothing", 0),
    "date without looks": (changed("        looks: forward\n", ""), "needs 'looks", -1),
    "follow-up of itself": (changed("[optimaliseren,", "[opstarten,"), "its own category", 0),
    "yes is no truth": (changed("required: false", "required: no"), "true or false, not 'no'", 0),
    "number as a text": (changed("nl: Verkenningsgesprek", "nl: 12"), "a text is expected", 0),
    "truth as a text": (changed("nl: Verkenningsgesprek", "nl: true"), "not 'true'", 0),
    "time as a number": (changed("weeks: 4", "weeks: 12:30"), "not '12:30'", 0),
    "octal number": (changed("weeks: 4", "weeks: 010"), "not '010'", 0),
    "fraction": (changed("weeks: 4", "weeks: 1.5"), "not '1.5'", 0),
    "list for a map": (changed("criteria:\n", "criteria: []\n    x:\n"), "needs entries below", 0),
    "text for a list": (changed("[draaiboek, va_fiche]", "draaiboek"), "a list is expected", 0),
    "map for a target": (changed("{to: analysis}", "{to: {a: b}}"), "expected at 'to'", 0),
    "no value": (changed("kind: analysis", "kind:"), "'kind' has no value", 0),
    "empty label": (changed("nl: Verkenningsgesprek", 'nl: ""'), "visible characters", 0),
    "escaped control character": (changed("nl: Verkenningsgesprek", 'nl: "a\\x1b[31m"'),
                                  "visible characters", 0),
    "lone surrogate": (changed("nl: Verkenningsgesprek", 'nl: "\\ud800"'), "", 0),
    "two lines": (changed("nl: Verkenningsgesprek", 'nl: "een\\ntwee"'), "on one line", 0),
    "bad phase id": (changed("  analysis:\n", "  Analyse!:\n"), "'Analyse!' is no name", 0),
    "phase called completed": (GOOD + "  paused:\n    kind: intake\n    label: {nl: a, en: a}\n"
                               "    criteria: {a: {label: {nl: a, en: a}}}\n"
                               "    advance: {to: completed}\n", "name of a status", 0),
    "no criteria": (GOOD + "  x:\n    kind: intake\n    label: {nl: a, en: a}\n"
                    "    criteria: {}\n    advance: {to: completed}\n", "'criteria' is empty", 3),
    "alias bomb": (BOMB, "not read here", 0),
    "brackets": ("[" * 50_000, "nested deeper", 0),
    "braces": ("{a: " * 16_000, "nested deeper", 0),
    "brackets on lines": ("[\n" * 30_000, "nested deeper", None),
    "brackets a pre-scan takes for a comment": ('a: x\n  [ y\n"k #": ' + "[" * 50_000, "", 2),
    "dashes": ("- " * 30_000, "nested deeper", 0),
    "deep blocks": ("".join(" " * i + "a:\n" for i in range(30)), "nested deeper", None),
    "anchor": (changed("kind: intake", "kind: &k intake"), "anchors", 0),
    "alias": (changed("kind: intake", "kind: *k"), "aliases", 0),
    "tag": (changed("kind: intake", "kind: !!python/name:os.system intake"), "tags", 0),
    "merge key": (changed("    kind: intake\n", "    kind: intake\n    <<: {a: b}\n"), "merge", 0),
    "directive": ("%YAML 1.1\n---\n" + GOOD, "", None),
    "two documents": (GOOD + "---\n" + GOOD, "second document", 0),
    "tab": (changed("    kind: analysis", "\tkind: analysis"), "a tab", 0),
    "control character": (changed("kind: intake", "kind: \x07intake"), "U+0007", 0),
    "turned text": (changed("Verkenningsgesprek", "Verken\u202engesprek"), "U+202E", 0),
    "bad UTF-8": (GOOD.encode().replace("ö".encode(), b"\xf6", 1), "not UTF-8", None),
    "UTF-16": (GOOD.encode("utf-16"), "not UTF-8", 0),
    "binary": (bytes(range(256)) * 4, "not UTF-8", None),
    "too large": (GOOD + "#" * 65_536, "larger than 64 kB", None),
    "too many entries": ("a: [" + "1," * 30_000 + "1]", "more than", 0),
    "many keys": ("".join(f"k{i}: 1\n" for i in range(6_000)), "more than", None),
    "many unknown keys": (GOOD + "".join(f"unknown_{i}: 1\n" for i in range(1_500)), "", 0),
    "many unknown targets": (changed("{to: [intake]}", "{to: [" + ", ".join(
        f"intake_{i}" for i in range(1_500)) + "]}"), "did you mean 'intake'", 0),
    "open quote": (changed("nl: Verkenningsgesprek", 'nl: "Verkenningsgesprek'), "", None),
    "colon in a text": (changed("{nl: Oprichtingsplan,", "{nl: Plan: oprichting,"), "", 0),
    "open brace": (changed("{to: analysis}", "{to: analysis"), "is missing", None),
    "indentation": (changed("    kind: analysis", "   kind: analysis"), "indentation", None),
    "list as a key": (changed("    kind: analysis", "    [a]: analysis"), "a name is expected", 0),
    "empty": ("", "begins with 'format: 1'", 0),
    "only a comment": ("# nothing\n", "begins with 'format: 1'", 0),
    "list at the top": ("- format: 1\n", "begins with 'format: 1'", 0),
    "text at the top": ("workflow\n", "begins with 'format: 1'", 0),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_its_place(name: str, tmp_path: Path) -> None:
    """Every kind of fault is named on its line, within 0.2 seconds."""
    text, part, below = BROKEN[name]
    found = problems(tmp_path, text)
    told = [(said(problem), problem.line - first_change(text)) for problem in found]
    assert any(part in sentence and below in (None, at) for sentence, at in told), told


def test_one_slip_in_a_name_is_one_problem(tmp_path: Path) -> None:
    """A misspelt key or target does not drag half the file along."""
    for name in ("unknown key", "unknown target", "unknown target in a list", "missing label",
                 "negative duration", "yes is no truth", "time as a number", "unknown role",
                 "unknown library", "no value", "two units", "text for a list"):  # fmt: skip
        assert len(problems(tmp_path, BROKEN[name][0])) == 1, name


def test_a_misspelt_required_key_is_told_once(tmp_path: Path) -> None:
    """`advence` is unknown and `advance` missing: one slip, one sentence."""
    found = problems(tmp_path, changed(ANALYSIS, ANALYSIS.replace("advance", "advence")))
    assert [said(p) for p in found] == ["'advence' is not known here; did you mean 'advance'?"]


def test_all_problems_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Faults of shape and of relation stand in one list, sorted by line."""
    text = changed("weeks: 4", "weeks: -4")
    for old, new in (
        (", en: Analysis", ""),
        ("who: mayor", "who: major"),
        ("kind: dream", "kind: dream\n    x: 1"),
        ("{to: action_plan}", "{to: action_plann}"), ("[internal_rules,", "[internal_rulez,"),
        ("met_by: feedback_held", "met_by: feedback_hold"), ("required: false", "required: nee"),
    ):  # fmt: skip
        text = text.replace(old, new, 1)
    found = problems(tmp_path, text)
    assert len(found) == 7
    assert [p.line for p in found] == sorted(p.line for p in found)


def test_a_position_points_at_the_word(tmp_path: Path) -> None:
    """Line and column count from 1 and lead to the key."""
    found = problems(tmp_path, changed("{to: dream_scenario}", "{to: nowhere}"))[0]
    assert (found.line, found.column) == (line_of(GOOD, "{to: dream_scenario}"), 17)


def library_problems(folder: Path, old: str, new: str) -> tuple[Problem, ...]:
    """Return what is wrong with a good file beside a library with one passage changed."""
    (folder / "library").mkdir()
    text = LIBRARY.read_text(encoding="utf-8")
    assert old in text
    (folder / "library" / "livc_r.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return problems(folder, GOOD)


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("notice: deadline_soon", "notice: deadline_sooon", "did you mean 'deadline_soon'"),
        ("to: [coach, lead]", "to: [coach, leader]", "did you mean 'lead'"),
        ("format: 1\n", "", "'format' is missing"),
        ("format: 1", "format: 9", "not possible here"),
        ("reasons:", "raesons:", "did you mean 'reasons'"),
        ("phase_entered:", "phase_enterd:", "did you mean 'phase_entered'"),
        ("working_days: 10", "working_days: -1", "at least 0"),
        ("{before: {working_days: 10}, to: [coordinator]", "{to: [coordinator]", "exactly one"),
        ("working_days: 3}", "working_days: 12}", "before the one above"),
        ("case_manager:        {", "case_manager: {actor: true, ", "filled by contacts"),
        ("  coach_absent: ", "  coach_absent: &x", "anchors"),
        ("at_most: {months: 9}", "silent: true", "means something for 'stop, send_back' only"),
        ("reminders: pause}", "reminders: pauze}", "did you mean 'pause'"),
    ],
)
def test_a_fault_in_the_library_is_told_in_the_library(
    old: str, new: str, part: str, tmp_path: Path
) -> None:
    """Its file and line are named, not those of the category."""
    found = library_problems(tmp_path, old, new)
    hits = [p for p in found if part in said(p)]
    assert hits, [said(p) for p in found]
    assert hits[0].file.endswith("livc_r.yaml")
    assert hits[0].line == line_of(LIBRARY.read_text(encoding="utf-8"), old) or not new


def test_a_library_that_cannot_be_read_is_the_only_problem(tmp_path: Path) -> None:
    """The sections that it would have given are not reported as missing."""
    found = library_problems(tmp_path, "format: 1\n", "\tformat: 1\n")
    assert [p.file.endswith("livc_r.yaml") for p in found] == [True]


def test_a_name_in_file_and_library_is_refused(tmp_path: Path) -> None:
    """An entry is never silently replaced by another of its name."""
    own = "roles:\n  mayor: {label: {nl: schepen, en: alderman}}\n"
    assert "one of them goes" in said(problems(tmp_path, GOOD + own)[-1])


def test_a_file_may_add_to_its_library(tmp_path: Path) -> None:
    """Its own entries are published beside the named ones of the library."""
    own = "instruments:\n  game: {nl: spel, en: game}\n"
    path = tmp_path / "own.yaml"
    path.write_text(changed("[draaiboek,", "[game, draaiboek,") + own, encoding="utf-8")
    instruments = load(path).workflow.instruments
    assert {"game", "draaiboek"} <= set(instruments)


def test_punctuation_in_texts_is_no_syntax(tmp_path: Path) -> None:
    """Ampersands, stars, bangs and brackets inside a text are text."""
    texts = ["V&A", "a *b* c", "wie? ik!", "'&x'", '"*y & [z]: {!}"', "'it''s # no comment'", "50%"]
    for text in texts:
        path = tmp_path / "good.yaml"
        path.write_text(changed("nl: Verkenningsgesprek", f"nl: {text}"), encoding="utf-8")
        meant = text[1:-1].replace("''", "'") if text[0] in "'\"" else text
        assert load(path).workflow.phases["intake"].label.nl == meant


def test_windows_line_ends_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    """A file saved by a Windows editor is the same workflow."""
    path = tmp_path / "windows.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load(path).digest == load_category("opstarten").digest


def test_loose_accents_become_one_character(tmp_path: Path) -> None:
    """Texts are NFC whatever the editor wrote."""
    path = tmp_path / "loose.yaml"
    path.write_text(changed("coördinator", "coo\u0308rdinator"), encoding="utf-8")
    assert load(path).digest == load_category("opstarten").digest


def test_the_document_is_the_file_with_what_it_names(tmp_path: Path) -> None:
    """No `uses`, no defaults filled in, only the named entries of the library."""
    loaded = load_category("opstarten")
    document = json.loads(loaded.document)
    assert "uses" not in document
    assert "required" not in document["phases"]["intake"]["criteria"]["sponsor_known"]
    assert list(document)[:3] == ["format", "category", "version"]
    assert {"coach", "lead", "coordinator", "mayor"} <= set(document["roles"])
    assert set(document["reminders"]) == {"std", "coaching", "feedback", "pause"}
    assert "network" in document["instruments"]
    assert parse(loaded.document) == loaded.workflow
    assert digest(loaded.document) == loaded.digest


def test_what_is_not_named_is_not_published(tmp_path: Path) -> None:
    """An entry of the library that a category does not use leaves its digest alone."""
    (tmp_path / "library").mkdir()
    extra = "  drone: {nl: drone, en: drone}\n"
    text = LIBRARY.read_text(encoding="utf-8") + extra
    (tmp_path / "library" / "livc_r.yaml").write_text(text, encoding="utf-8")
    path = tmp_path / "opstarten.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert load(path).digest == load_category("opstarten").digest


def test_unknown_notices_depend_on_the_templates_there_are(tmp_path: Path) -> None:
    """The caller says which notices have templates."""
    with pytest.raises(DefinitionInvalid) as refusal:
        load(shipped()[0], frozenset({"start"}))
    assert any("notice" in str(p.sentence.values) for p in refusal.value.problems)


def test_an_unknown_category_is_bad_input_with_a_suggestion() -> None:
    """The sentence names the category that was meant; the word typed is at fault."""
    with pytest.raises(BadInput, match="did you mean") as refusal:
        load_category("reactivern")
    assert refusal.value.sentence.values["meant"] == "reactiveren"


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    """A path that is not there is no workflow, and a folder is the wrong thing to name."""
    with pytest.raises(NotFound):
        load(tmp_path / "none.yaml")
    with pytest.raises(BadInput, match="is a folder"):
        load(tmp_path)


def test_a_follow_up_that_nobody_can_start_is_a_problem(tmp_path: Path) -> None:
    """Known are the shipped categories and those of the files beside it, by their category."""
    text = changed("[optimaliseren,", "[optimaliserem, nazorg,")
    unknown, stranger = problems(tmp_path, text)
    assert "no category is called 'optimaliserem'; did you mean 'optimaliseren'?" in said(unknown)
    assert "no category is called 'nazorg'" in said(stranger)
    assert unknown.line == stranger.line == line_of(text, "follow_up:")
    assert unknown.column < stranger.column
    beside = GOOD.replace("category: opstarten", "category: nazorg", 1)
    (tmp_path / "draft.yaml").write_text(beside, encoding="utf-8")
    (remaining,) = problems(tmp_path, text)
    assert said(remaining) == said(unknown)
    path = tmp_path / "sound.yaml"
    path.write_text(changed("[optimaliseren,", "[optimaliseren, nazorg,"), encoding="utf-8")
    assert load(path).workflow.follow_up[1] == "nazorg"


@pytest.mark.parametrize("value", ["nazorg", "{a: b}", "[[a]]", "[1]"])
def test_follow_ups_of_another_shape_are_a_problem_of_shape(tmp_path: Path, value: str) -> None:
    """They are told as such, once."""
    found = problems(tmp_path, changed("[optimaliseren, monitoren_evalueren, reactiveren]", value))
    assert "no category" not in " ".join(map(said, found))


@settings(max_examples=30, deadline=None)
@given(
    at=st.integers(0, len(GOOD)),
    cut=st.integers(0, 12),
    junk=st.text("[]{}&*!:,-?#'\"|>%@` \nab1\u0300", max_size=6),
)
def test_any_damage_is_read_or_refused_with_a_place(
    at: int, cut: int, junk: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No change of a file, however odd, ends in anything but a workflow or its problems."""
    path = tmp_path_factory.mktemp("damage", numbered=True) / "damaged.yaml"
    path.write_text(GOOD[:at] + junk + GOOD[at + cut :], encoding="utf-8")
    try:
        load(path)
    except DefinitionInvalid as refused:
        refusal = refused
    else:
        return

    assert refusal.problems
    assert all(p.line > 0 and said(p) for p in refusal.problems)
