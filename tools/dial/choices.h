// What a Tab may make of a word, and how it is shown.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dial {

// What may stand in place of the word at the end of a text; `begun` is what is typed of it. A value.
struct Choices {
  std::string begun;
  std::vector<std::string> words;  // each begins with `begun`
};

// What can be added to the word without choosing: as far as all agree, and a space behind the only one, if it is whole. There
// is at least one.
std::string MoreOf(const Choices& choices);

// In columns, as a shell lists them; not all, if there are very many.
std::string ListOf(const Choices& choices, size_t columns);

}  // namespace dial
