#include "journal.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"

namespace echo {

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(const std::string& path) {
  FILE* const file = std::fopen(path.c_str(), "abe");
  if (file == nullptr) {
    return absl::NotFoundError(absl::StrCat("open journal ", path, ": ", std::strerror(errno)));
  }
  std::setvbuf(file, nullptr, _IONBF, 0);  // so that each id is one write
  return absl::WrapUnique(new Journal(path, file));
}

Journal::~Journal() { std::fclose(file_); }

absl::Status Journal::Add(int64_t id) {
  if (std::fwrite(&id, sizeof id, 1, file_) == 1) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("write journal ", path_, ": ", std::strerror(errno)));
}

}  // namespace echo
