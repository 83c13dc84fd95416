// The last reply at hand: in a request, $ stands for it, and $.items[0].id for what is there in it.
//
//   {"id": $.items[0].id, "filter": {"owner": $.owner}}
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "json_path.h"

namespace dial {

// Used by one thread. What it remembers lives no longer than the schema that it is of: Forget() it before that.
class LastReply {
 public:
  void Remember(const google::protobuf::Message& reply);
  void Forget();
  // Null: there has been none.
  const google::protobuf::Message* message() const { return reply_.get(); }

  // What is at that path, as JSON on one line; null, which is how JSON leaves a field as it is, for a field that is not set.
  // USAGE: there is no reply, or it has no such field (the text names those that are near), key or element.
  absl::StatusOr<std::string> Value(const JsonPath& path) const;
  // `json` with every path in it, outside of strings, replaced by what it stands for.
  absl::StatusOr<std::string> Substitute(const std::string& json) const;
  // Whether a path is being typed at the end of `json`, and what it may become: `json` with each name that may follow.
  std::vector<std::string> Completions(const std::string& json) const;

 private:
  const std::string& json() const;

  std::unique_ptr<google::protobuf::Message> reply_;
  // Of reply_, once it was asked for.
  mutable std::optional<std::string> json_;
};

}  // namespace dial
