// Fields by the names that somebody may type.
#pragma once

#include <string>

#include "google/protobuf/descriptor.h"

namespace dial {

// By its name in the .proto file or in JSON. Null: there is none, or no type.
const google::protobuf::FieldDescriptor* FieldOf(const google::protobuf::Descriptor* type,
                                                 const std::string& name);

}  // namespace dial
