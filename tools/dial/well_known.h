// Protobuf's well-known types: those whose JSON is not an object of their fields.
#pragma once

#include "google/protobuf/descriptor.h"

namespace dial {

// Has the files of all well-known types, for schemas that import them and do not bring them along. (Others that this program
// has are there, too.)
const google::protobuf::DescriptorPool& WellKnownPool();

bool IsWellKnown(const google::protobuf::Descriptor& type);

// What dial template writes for one: JSON that parses as it, "1s" of a Duration.
const char* WellKnownExample(const google::protobuf::Descriptor& type);

}  // namespace dial
