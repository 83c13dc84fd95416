"""C++ source as text: comments and literals blanked out, so that patterns meet code only.

Everything that is blanked keeps its length and its line breaks: offsets and line numbers stay true.
"""

import re

_TOKEN = re.compile(
    r"""
    (?P<comment> //[^\n]* | /\*.*?\*/ )
  | (?P<raw> R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)" )
  | (?P<string> "(?:\\.|[^"\\\n])*" )
  | (?P<char> (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+' )
    """,
    re.VERBOSE | re.DOTALL,
)


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def _keep_quotes(text):
    return text[0] + _blank(text[1:-1]) + text[-1]


def code_only(source):
    """Blanks comments and the insides of string and character literals."""

    def replace(match):
        if match.group("comment") or match.group("raw"):
            return _blank(match.group(0))
        return _keep_quotes(match.group(0))

    return _TOKEN.sub(replace, source)


def without_comments(source):
    """Blanks comments and raw strings; ordinary strings stay, since #include has one."""

    def replace(match):
        if match.group("comment") or match.group("raw"):
            return _blank(match.group(0))
        return match.group(0)

    return _TOKEN.sub(replace, source)


_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


def includes(source):
    """Yields (line, quote, path) of every #include; quote is '<' or '"'."""
    for match in _INCLUDE.finditer(without_comments(source)):
        yield line_of(source, match.start(1)), match.group(1), match.group(2)


def line_of(source, offset):
    return source.count("\n", 0, offset) + 1


_ALLOW = re.compile(r"tidy-allow (\w[\w-]*): \S")


def allowed(source, line, rule):
    """True if this line or the one above says `// tidy-allow <rule>: <why>`."""
    lines = source.split("\n")
    nearby = lines[max(0, line - 2) : line]
    return any(match.group(1) == rule for text in nearby for match in _ALLOW.finditer(text))
