// What an HTTP/1.1 client asks of the admin port, read from the bytes it has sent, and how it is answered. Pure.
// Internal to rpc/admin.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dialtone::internal {

struct HttpRequest {
  bool head_only = false;  // HEAD
  std::string path;        // without what follows a '?'
};

enum class HttpParse {
  kNeedMore,   // the head is not whole yet
  kRequest,    // GET or HEAD
  kBad,        // no HTTP/1 request: 400
  kBadMethod,  // another method: 405
};

// `bytes` is all that has come. The head ends with an empty line; what follows it is not looked at, for
// requests without a body are the only ones that are answered.
HttpParse ParseHttpHead(std::string_view bytes, HttpRequest& request);

// A whole answer, after which the connection is closed. With `head_only`, without its body.
std::string HttpAnswer(int code, std::string_view content_type, std::string_view body,
                       bool head_only);

}  // namespace dialtone::internal
