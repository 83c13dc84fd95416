// What is text in bytes that somebody else has sent, which may be anything: for logs, JSON and terminals.
#pragma once

#include <cstddef>
#include <string_view>

namespace dialtone {

// How many bytes the UTF-8 character at the front has (RFC 3629: none that is overlong, no surrogate, none above U+10FFFF); 0:
// there is none.
size_t Utf8Length(std::string_view text);
// Whether the character at the front, which has so many bytes, commands a terminal: of C0 (ends of lines and tabs, too), DEL, or
// of C1, where U+009B does what ESC and [ do. The last byte of such a character is its number.
bool IsControl(std::string_view text, size_t length);

}  // namespace dialtone
