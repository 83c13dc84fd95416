// A file with the id of each Echo call that servers have begun to run: eight bytes each, in the machine's order. Who
// sends ids that are unique finds out with it whether a call ran, and whether it ran twice, however a server has ended.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace echo {

// Thread-safe, and several servers may write to one file: an id is added by one write at the file's end, which the
// kernel does not mix with others'. Blocks as long as that takes.
class Journal {
 public:
  // Makes the file if there is none. The error names it and the reason.
  static absl::StatusOr<std::unique_ptr<Journal>> Open(const std::string& path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // RESOURCE_EXHAUSTED: the file did not take it.
  absl::Status Add(int64_t id);

 private:
  Journal(std::string path, FILE* file) : path_(std::move(path)), file_(file) {}

  const std::string path_;
  FILE* const file_;
};

}  // namespace echo
