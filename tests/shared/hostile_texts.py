"""Texts that a name, a message or a file may have, and that no output may obey."""

from hypothesis import strategies as st

HOSTILE = (
    "",
    " ",
    "C:\\Users\\new",
    "ends in a backslash\\",
    '"""; import os; """',
    "'''",
    '"',
    "'",
    "${about} $$ $title %s {0} {run_dir}",
    "<script>alert(1)</script>",
    "</script></style><!-- ]]> &lt; &#60;",
    "a | b \\| c || `d` ``e`` *f* _g_ ~h~ [i](j) ![k](l)",
    "# no heading\n- no item\n1. no number\n> no quote\n---\n===\n",
    "::error::no command\n::set-output name=a::b",
    "%0A::error file=a,line=1::no command%25",
    "[bold red]no markup[/] :smile: [link=a]b",
    "\x1b[2J\x1b]0;title\x07\x1b[31mred",
    "\x9b31m and \x85 and \x7f and \x08\x08",
    "\x00",
    "a\0b",
    "one\ntwo\r\nthree\rfour\x0bfive\x0csix\x1cseven\u2028eight\u2029nine",
    "\ttab",
    "a\u202eb\u202ac\u2066d\u2069e\u200ef\u200fg\u061ch",
    "\ufeffmark \u00adhyphen \u200bspace \u2060joiner",
    "\ud800",
    "\udfff\ud800 the wrong way round",
    "\U0001f600 \U0001f469\u200d\U0001f680 \u2764\ufe0f",
    "\U000e0041\U000e0042 tags",
    "\ufffe\uffff\U0010ffff",
    "äöü 漢字 عربى हिन्दी e\u0301 \u3000wide\xa0space",
    "=1+1",
    "+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "-2+3",
    "null",
    "~",
    "yes",
    "1e3",
    "0x1F",
    ": # - ? | > & * ! % @ `",
    "$\\frac{$",
    "x" * 300,
)
"""Each is of a kind: quotes, markup, commands, control characters, marks, formulas, words."""

TEXTS = st.text(st.characters(exclude_categories=())) | st.sampled_from(HOSTILE)
"""Any text of Unicode, halves of surrogate pairs among it."""
