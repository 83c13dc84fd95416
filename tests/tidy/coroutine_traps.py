"""Finds the ways to write a coroutine that g++ 12 compiles wrongly, silently. Best effort, on text.

  new-await        new T(co_await x)                    destroyed twice
  braces-await     vector{co_await a, co_await b}       rejected, or destroyed twice
  ternary-await    ?: in the expression of a co_await   destroyed twice
  lambda-await     a lambda that captures by value in the expression of a co_await   destroyed twice
  condition-await  if/while/switch (co_await ...) in a body whose outermost scope declared nothing before: never ends

A file that shows the traps on purpose says "g++ 12 traps on purpose" in its first ten lines; a single line that is
known to be harmless (a lambda that captures an int, say) says `// tidy-allow <rule>: <why>`.
"""

import re

import cpp_text

_AWAIT = re.compile(r"\bco_await\b")
_OPEN, _CLOSE = "([{", ")]}"
_CONDITIONS = re.compile(r"^\s*(?:else\s+)?(if|while|switch)\s*(constexpr\s*)?\(")
# GoogleTest's macros are an `if` inside a `switch` once expanded.
_TEST_MACRO = re.compile(r"^\s*(EXPECT|ASSERT)_[A-Z_]+\s*\(")
_CAPTURE = re.compile(r"(?<![\w)\]\[])\s*\[(?!\[)([^\[\]]*)\]\s*(?=\(|\{|mutable\b)")
_DECLARATION = re.compile(
    r"^\s*(?:(?:static|const|constexpr|volatile)\s+)*"
    r"(?!(?:return|co_return|co_yield|co_await|delete|throw|goto|using|typedef|case|else|new|if|while|for|switch|do)\b)"
    r"(?:auto|[A-Za-z_][\w:]*(?:<[^;]*>)?(?:::\w+)*)(?:\s+const)?(?:\s*[&*]+\s*|\s+)"
    r"(?:[A-Za-z_]\w*|\[[^\]]+\])\s*(?:=|;|\(|\{|\[|$)"
)
_BLOCK_OPENER = re.compile(r"\b(?:if|while|switch|for|catch)\b")


def check(path, source):
    """Yields (line, rule, what)."""
    if not path.endswith((".h", ".cc")) or "co_await" not in source:
        return
    if "g++ 12 traps on purpose" in "\n".join(source.split("\n")[:10]):
        return
    code = cpp_text.code_only(source)
    seen = set()
    for match in _AWAIT.finditer(code):
        for rule, what in _traps_at(code, match.start()):
            line = cpp_text.line_of(source, match.start())
            if (line, rule) in seen or cpp_text.allowed(source, line, rule):
                continue
            seen.add((line, rule))
            yield line, rule, what


def _traps_at(code, await_at):
    begin, brace = _statement_begin(code, await_at)
    end = _statement_end(code, await_at)
    statement = code[begin:end]
    condition = _CONDITIONS.match(statement)
    if condition:
        # The statement is the condition alone; what it guards are statements of their own.
        close = _matching(statement, condition.end() - 1)
        inside = begin + close > await_at
        statement = statement[: close + 1] if inside else statement[close + 1 :]
        condition = inside
    if re.search(r"\bnew\s+[\w:<>,\s&*]+[({][^;]*\bco_await\b", statement):
        yield "new-await", "new T(co_await ...): await into a local first"
    if _in_braced_list(code, begin, await_at):
        yield "braces-await", "co_await in a braced list: await into locals first"
    if "?" in statement:
        yield "ternary-await", "?: in the expression of a co_await: use if"
    if any(_captures_by_value(match.group(1)) for match in _CAPTURE.finditer(statement)):
        yield "lambda-await", "a capturing lambda in the expression of a co_await: name it first"
    if (condition or _TEST_MACRO.match(statement)) and brace is not None and _is_function_body(code, brace):
        if not _declares(code[brace + 1 : begin]):
            yield "condition-await", "co_await as a condition before any local is declared: await into a local first"


def _statement_begin(code, at):
    """Where the full expression around `at` begins, and the brace of the scope it stands in (or None)."""
    depth = 0
    index = at - 1
    begin = None
    while index >= 0:
        char = code[index]
        if char in ")]":
            depth += 1
        elif char in "([":
            depth -= 1
        elif char == "}":
            follows = code[index + 1 : at].lstrip()[:1]
            if begin is None and depth <= 0 and follows not in (",", ")", ".", "(", "]", "}", ";"):
                begin = index + 1  # a block ended here
            index = _matching_backward(code, index)
        elif char == "{":
            if not _opens_list(code, index):
                return (index + 1 if begin is None else begin), index
        elif char == ";" and begin is None and depth <= 0 and not _in_for_header(code, index):
            begin = index + 1
        elif char == "\n" and begin is None and _is_directive(code, index):
            begin = index + 1
        index -= 1
    return begin or 0, None


def _is_directive(code, newline):
    return code[code.rfind("\n", 0, newline) + 1 : newline].lstrip().startswith("#")


def _in_for_header(code, semicolon):
    line_start = max(code.rfind(";", 0, semicolon), code.rfind("{", 0, semicolon), code.rfind("}", 0, semicolon))
    return re.match(r"\s*for\s*\(", code[line_start + 1 : semicolon]) is not None


def _statement_end(code, at):
    depth = 0
    for index in range(at, len(code)):
        char = code[index]
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth -= 1
            if char == "}" and depth < 0:
                return index
        elif char == ";" and depth <= 0:
            return index
    return len(code)


def _matching(text, opening):
    depth = 0
    for index in range(opening, len(text)):
        depth += (text[index] in _OPEN) - (text[index] in _CLOSE)
        if depth == 0:
            return index
    return len(text) - 1


def _matching_backward(code, closing):
    depth = 0
    for index in range(closing, -1, -1):
        depth += (code[index] in _CLOSE) - (code[index] in _OPEN)
        if depth == 0:
            return index
    return 0


def _opens_list(code, brace):
    """True if this brace opens a braced list (no statement in it), not a body or a block."""
    before = code[:brace].rstrip()
    if before.endswith((")", ";", "{", "}")) or re.search(r"\b(else|do|try|const|override|noexcept|mutable)$", before):
        return False
    if re.search(r"->\s*[\w:<>,\s&*]+$", before) or before == "":
        return False
    depth, index = 0, brace
    while index < len(code):
        char = code[index]
        depth += (char in _OPEN) - (char in _CLOSE)
        if depth == 0:
            return True
        if char == ";" and depth == 1:
            return False
        index += 1
    return True


def _in_braced_list(code, begin, at):
    depth = 0
    for index in range(at - 1, begin - 1, -1):
        char = code[index]
        if char in _CLOSE:
            depth += 1
        elif char in _OPEN:
            if char == "{" and depth == 0 and _opens_list(code, index):
                return True
            depth = max(0, depth - 1)
    return False


def _captures_by_value(captures):
    return any(
        item and not item.startswith("&") and item not in ("this", "*this")
        for item in (part.strip() for part in captures.split(","))
    )


def _is_function_body(code, brace):
    """True if the scope that `brace` opens is a function's, not that of an if, a loop or a plain block."""
    before = re.sub(r"\s+(const|override|final|noexcept|mutable|->\s*[\w:<>,\s&*]+)\s*$", "", code[:brace].rstrip())
    before = re.sub(r"\)\s*->\s*[\w:<>,\s&*]+$", ")", before).rstrip()
    if not before.endswith(")"):
        return before.endswith("]")  # a lambda without parameters
    head = code[: _matching_backward(code, len(before) - 1)].rstrip()
    word = re.search(r"(\w+)\s*(constexpr)?$", head)
    return not (word and _BLOCK_OPENER.fullmatch(word.group(1)))


def _declares(scope):
    """True if the outermost level of `scope`, a piece of a body, declares a local."""
    flat, depth = [], 0
    for char in scope:
        if char == "}":
            depth -= 1
            if depth == 0:
                flat.append("};")
            continue
        if char == "{":
            depth += 1
            if depth == 1:
                flat.append("{")
            continue
        if depth == 0:
            flat.append(char)
    return any(_DECLARATION.match(statement) for statement in "".join(flat).split(";"))
