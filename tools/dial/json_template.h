// A skeleton of a message in JSON, to be filled in: every field, with a value that says of what type it is.
#pragma once

#include <string>

#include "google/protobuf/descriptor.h"

namespace dial {

// It parses as the message. Repeated fields have one element and maps one entry; of a oneof the first field stands there,
// for only one may; a message within itself is left out, and so is what lies deeper than kTemplateDepthMax.
std::string JsonTemplate(const google::protobuf::Descriptor& type);

inline constexpr int kTemplateDepthMax = 12;

}  // namespace dial
