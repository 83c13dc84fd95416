#include "payload.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "exit_code.h"
#include "message_text.h"

namespace dial {

absl::StatusOr<std::unique_ptr<Payload>> Payload::Make(
    const std::string& text, MessageForm form, std::unique_ptr<google::protobuf::Message> message,
    uint64_t seed) {
  auto payload = absl::WrapUnique(new Payload(form, std::move(message), seed));
  absl::Status read = payload->ReadParts(text);
  if (!read.ok()) return read;
  size_t variants = payload->changes() ? 2 : 1;
  for (const Part& part : payload->parts_) variants = std::max(variants, part.choices.size());
  for (size_t i = 0; i < variants; ++i) {
    absl::Status parsed = ParseMessage(payload->Extreme(i % 2 == 1, i), form, *payload->message_);
    if (!parsed.ok()) return parsed;
  }
  return payload;
}

absl::Status Payload::ReadParts(const std::string& text) {
  size_t at = 0;
  for (;;) {
    const size_t open = text.find("{{", at);
    const size_t close = open == std::string::npos ? open : text.find("}}", open);
    // "{{" without an end is no template's: JSON and text format have it, too.
    const std::string before =
        text.substr(at, close == std::string::npos ? std::string::npos : open - at);
    if (close == std::string::npos) {
      parts_.emplace_back().text = before;
      return absl::OkStatus();
    }
    absl::StatusOr<Part> part = ReadPart(text.substr(open + 2, close - open - 2));
    if (!part.ok()) return part.status();
    parts_.emplace_back().text = before;
    parts_.push_back(*std::move(part));
    at = close + 2;
  }
}

absl::StatusOr<Payload::Part> Payload::ReadPart(const std::string& inside) {
  const std::vector<std::string> words = absl::StrSplit(inside, ' ', absl::SkipEmpty());
  Part part;
  if (words.size() == 1 && words[0] == "counter") {
    part.kind = Part::Kind::kCounter;
    return part;
  }
  if (words.size() == 3 && words[0] == "random" && absl::SimpleAtoi(words[1], &part.from) &&
      absl::SimpleAtoi(words[2], &part.to) && part.from <= part.to) {
    part.kind = Part::Kind::kRandom;
    return part;
  }
  if (words.size() > 1 && words[0] == "choice") {
    part.kind = Part::Kind::kChoice;
    part.choices = absl::StrSplit(inside.substr(inside.find("choice") + 7), '|');
    return part;
  }
  return UsageError(
      absl::StrCat("{{", inside, "}} is none of {{counter}}, {{random 1 100}} and {{choice a|b}}"));
}

std::string Payload::Extreme(bool highest, size_t choice) const {
  std::string text;
  for (const Part& part : parts_) {
    text += part.text;
    if (part.kind == Part::Kind::kCounter) absl::StrAppend(&text, 0);
    if (part.kind == Part::Kind::kRandom) absl::StrAppend(&text, highest ? part.to : part.from);
    if (part.kind == Part::Kind::kChoice) text += part.choices[choice % part.choices.size()];
  }
  return text;
}

std::string Payload::Text(int64_t number) {
  std::string text;
  for (const Part& part : parts_) {
    switch (part.kind) {
      case Part::Kind::kText:
        text += part.text;
        break;
      case Part::Kind::kCounter:
        absl::StrAppend(&text, number);
        break;
      case Part::Kind::kRandom:
        absl::StrAppend(&text, std::uniform_int_distribution<int64_t>(part.from, part.to)(random_));
        break;
      case Part::Kind::kChoice:
        text += part.choices[std::uniform_int_distribution<size_t>(
            0, part.choices.size() - 1)(random_)];
        break;
    }
  }
  return text;
}

absl::StatusOr<const google::protobuf::Message*> Payload::Request(int64_t number) {
  if (changes()) {
    absl::Status parsed = ParseMessage(Text(number), form_, *message_);
    if (!parsed.ok()) return parsed;
  }
  return message_.get();
}

}  // namespace dial
