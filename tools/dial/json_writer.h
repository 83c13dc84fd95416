// Messages as JSON, by Protobuf's JSON mapping. Protobuf's own writer gives up below 64 levels and knows neither colours nor
// indents as one wants them on a terminal; this one goes as deep as messages do.
#pragma once

#include <string>

#include "google/protobuf/message.h"

namespace dial {

struct JsonForm {
  bool pretty = false;   // a line a field
  bool colours = false;  // of the names of fields
};

// What is not set is left out. Well-known types (google.protobuf.Timestamp, Any, …) have the forms that the mapping gives
// them; an Any whose type is not known is shown by "@type" and its bytes in base64, under "value".
std::string ToJson(const google::protobuf::Message& message, const JsonForm& form);

// With the quotes around it.
std::string JsonQuoted(const std::string& text);
std::string Base64(const std::string& bytes);
// 0.1 is "0.1"; what JSON has no number for is "\"NaN\"", "\"Infinity\"" or "\"-Infinity\"".
std::string JsonNumber(double value);
std::string JsonNumber(float value);

}  // namespace dial
