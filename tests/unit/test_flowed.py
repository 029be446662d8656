"""Soft line breaks of format=flowed."""

from trunkline.normalizer.flowed import unwrap_flowed


def test_soft_breaks_are_joined_and_hard_ones_kept() -> None:
    assert unwrap_flowed("One long \nparagraph.\nAnother.\n") == "One long paragraph.\nAnother.\n"


def test_quotations_are_joined_level_by_level() -> None:
    text = "> It was \n> late.\n>> Why \nBecause."
    assert unwrap_flowed(text) == "> It was late.\n>> Why \nBecause."


def test_the_signature_line_is_fixed() -> None:
    assert unwrap_flowed("Bye.\n-- \nAnn") == "Bye.\n-- \nAnn"


def test_stuffed_blanks_and_deleted_blanks() -> None:
    assert unwrap_flowed(" From here\n >x") == "From here\n>x"
    assert unwrap_flowed("日本 \n語", delete_space=True) == "日本語"
