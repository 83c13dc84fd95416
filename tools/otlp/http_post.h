// One POST at a time through libcurl, which a thread waits for together with being woken. Internal to tools/otlp/.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "dialtone/otlp/otlp_exporter.h"

namespace dialtone::internal {

// What became of a POST.
struct PostResult {
  absl::Status status;
  bool may_succeed_later = false;  // the server is busy, or was not reached
};

// Belongs to one thread, but for Wake().
class HttpPost {
 public:
  // INVALID_ARGUMENT: the endpoint is none.
  static absl::Status Validate(const OtlpOptions& options);
  explicit HttpPost(const OtlpOptions& options);
  ~HttpPost();
  HttpPost(const HttpPost&) = delete;
  HttpPost& operator=(const HttpPost&) = delete;

  bool under_way() const { return under_way_; }
  // None is under way.
  void Start(std::string body);
  // Waits for the end of what is under way, for Wake(), or for so long; whichever is first. The result, if it has ended.
  std::optional<PostResult> Wait(absl::Duration timeout);
  // Any thread: ends the Wait() that is going on, or the next one. Never blocks.
  void Wake();

 private:
  struct Curl;

  const std::string endpoint_;
  const std::unique_ptr<Curl> curl_;
  std::string body_;
  bool under_way_ = false;
};

}  // namespace dialtone::internal
