#include "fields.h"

namespace dial {

const google::protobuf::FieldDescriptor* FieldOf(const google::protobuf::Descriptor* type,
                                                 const std::string& name) {
  for (int i = 0; type != nullptr && i < type->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type->field(i);
    if (field->name() == name || field->json_name() == name) return field;
  }
  return nullptr;
}

}  // namespace dial
