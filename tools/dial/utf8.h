// What is text in bytes that a server has sent, which may be anything.
#pragma once

#include <cstddef>
#include <string_view>

namespace dial {

// How many bytes the UTF-8 character at the front has; 0: there is none.
size_t Utf8Length(std::string_view text);
// Whether the character at the front, which has so many bytes, commands a terminal: of C0 (ends of lines and tabs, too), DEL, or
// of C1, where U+009B does what ESC and [ do.
bool IsControl(std::string_view text, size_t length);

}  // namespace dial
