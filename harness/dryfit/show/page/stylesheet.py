"""The look that dryfit's pages share: one sheet, for a light and a dark screen."""

STYLE = """\
:root { color-scheme: light dark; --text: #1c2024; --faint: #60646c; --line: #d9d9e0;
  --page: #fff; --panel: #f6f6f9; --accent: #2a5db0; --bad: #b3261e; --bad-soft: #fdecea;
  --good: #1f7a45; --odd: #8a5a00; --odd-soft: #fdf3dc; }
@media (prefers-color-scheme: dark) { :root { --text: #edeef0; --faint: #a0a4ab;
  --line: #363a3f; --page: #111113; --panel: #1a1b1e; --accent: #7fb0ff; --bad: #ff8a80;
  --bad-soft: #3a1d1b; --good: #6fcf97; --odd: #e6b450; --odd-soft: #33290f; } }
body { margin: 2rem auto; padding: 0 1rem; max-width: 96rem; color: var(--text);
  background: var(--page); font: 14px/1.4 system-ui, sans-serif; }
h1 { font-size: 1.3rem; }
p { color: var(--faint); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: .25rem .6rem; text-align: left; vertical-align: top; }
th { color: var(--faint); font-weight: 500; }
"""
