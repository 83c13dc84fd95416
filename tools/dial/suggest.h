// "Did you mean …?": the names that a misspelt one is near to.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dial {

// How many characters have to be put in, left out, changed or swapped with their neighbour; upper and lower case count alike.
size_t EditDistance(const std::string& from, const std::string& to);

// "; did you mean Greet?", or "; did you mean Greet or Meet?" (three at most, the nearest first), or nothing if none of
// `known` is near. A name that ends alike behind its last dot or slash is near, too: `Echo` is near `echo.Echo`.
std::string DidYouMean(const std::string& wrong, const std::vector<std::string>& known);

}  // namespace dial
