// The requests of a load: one message again and again, or a template that is filled in anew for each call.
//
//   {"id": {{counter}}, "text": "user {{random 1 100}}", "payload": "{{choice YQ==|Yg==}}"}
//
//   {{counter}}        0, 1, 2, … over all calls
//   {{random A B}}     a whole number from A to B, both included
//   {{choice a|b|c}}   one of these texts
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "message_splitter.h"

namespace dial {

// Used by one thread at a time.
class Payload {
 public:
  // `seed` decides what is drawn. USAGE: a {{…}} is none of the above, or what comes of the template is no such message.
  static absl::StatusOr<std::unique_ptr<Payload>> Make(
      const std::string& text, MessageForm form, std::unique_ptr<google::protobuf::Message> message,
      uint64_t seed);

  // The request of the call of that number; until the next one is asked for. USAGE: what was filled in makes no message, as a
  // counter does that has outgrown its field.
  absl::StatusOr<const google::protobuf::Message*> Request(int64_t number);
  bool changes() const { return parts_.size() > 1; }

 private:
  struct Part {
    enum class Kind { kText, kCounter, kRandom, kChoice };
    Kind kind = Kind::kText;
    std::string text;
    int64_t from = 0;
    int64_t to = 0;
    std::vector<std::string> choices;
  };

  Payload(MessageForm form, std::unique_ptr<google::protobuf::Message> message, uint64_t seed)
      : form_(form), message_(std::move(message)), random_(seed) {}
  absl::Status ReadParts(const std::string& text);
  static absl::StatusOr<Part> ReadPart(const std::string& inside);
  std::string Text(int64_t number);
  // The text with the lowest or the highest of what may be filled in, and of the choices this one.
  std::string Extreme(bool highest, size_t choice) const;

  const MessageForm form_;
  const std::unique_ptr<google::protobuf::Message> message_;
  std::mt19937_64 random_;
  std::vector<Part> parts_;
};

}  // namespace dial
