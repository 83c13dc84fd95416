#include "read_file.h"

#include <array>
#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "exit_code.h"

namespace dial {

// Not by std::ifstream: that opens directories, and its iterators throw when they cannot be read.
absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             std::fclose);
  if (file == nullptr) return UsageError(absl::StrCat("cannot read ", path));
  std::string text;
  std::array<char, 64 * 1024> bytes{};
  while (const size_t count = std::fread(bytes.data(), 1, bytes.size(), file.get()))
    text.append(bytes.data(), count);
  if (std::ferror(file.get()) != 0) return UsageError(absl::StrCat("cannot read ", path));
  return text;
}

}  // namespace dial
